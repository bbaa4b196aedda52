"""Loaded by pytest before the settings (addopts in pyproject.toml): a key, and a data folder thrown away at the end."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("NEWSROOM_SECRET_KEY", "only-for-tests")
os.environ["NEWSROOM_DEBUG"] = "false"
os.environ["NEWSROOM_LOG_LEVEL"] = "warning"
os.environ["NEWSROOM_FETCH_IMAGES"] = "false"  # tests that fetch say so, and from whom
_folder = tempfile.mkdtemp(prefix="newsroom-tests-")
os.environ["NEWSROOM_DATA_DIR"] = _folder
os.mkdir(os.path.join(_folder, "static"))  # what collectstatic would fill; whitenoise looks for it
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
