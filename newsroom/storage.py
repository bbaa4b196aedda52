"""Where pictures are kept: on this machine's disk, whole or not at all, or in a bucket that speaks S3."""

import contextlib
import importlib.util
import os
import secrets
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

from newsroom import environment

HALF = ".part"  # how the name of a file ends that is being written
FOR_GOOD = "public, max-age=31536000, immutable"  # a name never gets other bytes


def pictures(media_url: str) -> dict:
    """Django's settings of the default storage: the disk, or the bucket that NEWSROOM_S3_BUCKET names.

    Keys come from where boto3 looks for them (AWS_ACCESS_KEY_ID and the like). Readers get pictures from
    NEWSROOM_MEDIA_URL, which must be the bucket's public address then.
    """
    bucket = environment.text("NEWSROOM_S3_BUCKET")
    if not bucket:
        return {"BACKEND": "newsroom.storage.WholeFileStorage"}
    if not media_url.startswith(("https://", "http://")):
        raise ImproperlyConfigured(
            "NEWSROOM_MEDIA_URL is no address: with NEWSROOM_S3_BUCKET it names where readers find the bucket, as in"
            " https://pictures.example/."
        )
    if importlib.util.find_spec("storages") is None:
        raise ImproperlyConfigured(
            "NEWSROOM_S3_BUCKET is set, and django-storages is missing: pip install -r requirements-s3.txt"
        )
    parts = urlsplit(media_url)
    options = {
        "bucket_name": bucket,
        "endpoint_url": environment.address("NEWSROOM_S3_ENDPOINT", "") or None,
        "region_name": environment.text("NEWSROOM_S3_REGION") or None,
        "custom_domain": (parts.netloc + parts.path).rstrip("/"),
        "url_protocol": f"{parts.scheme}:",
        "querystring_auth": False,
        "object_parameters": {"CacheControl": FOR_GOOD},
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


class WholeFileStorage(FileSystemStorage):
    """Django's, by way of a file of another name. What a killed process leaves is half a file, and never served."""

    def _save(self, name: str, content) -> str:
        half = f"{name}.{secrets.token_hex(4)}{HALF}"
        try:
            half = super()._save(half, content)
            os.replace(self.path(half), self.path(name))
        except BaseException:
            with contextlib.suppress(OSError):  # on a full disk nothing may have been begun
                os.unlink(self.path(half))
            raise
        return name

    def clear_halves(self, before: float) -> int:
        """Remove what killed processes left half written before a moment (seconds since 1970); returns how many files.

        One that is being written is younger than a day, and stays; costs a look at every folder.
        """
        cleared = 0
        for folder, _folders, names in os.walk(self.location):
            for path in (os.path.join(folder, name) for name in names if name.endswith(HALF)):
                with contextlib.suppress(FileNotFoundError):  # somebody else clears as well
                    if os.path.getmtime(path) < before:
                        os.unlink(path)
                        cleared += 1
        return cleared
