"""What every test may ask for."""

import pytest


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    """No test writes into the developer's data; passwords are cheap to check."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
