"""Files on this machine's disk that appear whole or not at all: a process may be killed while it writes."""

import os
import secrets

from django.core.files.storage import FileSystemStorage


class WholeFileStorage(FileSystemStorage):
    """Django's, by way of a file of another name. What a killed process leaves ends in .part and is never served."""

    def _save(self, name: str, content) -> str:
        part = super()._save(f"{name}.{secrets.token_hex(4)}.part", content)
        os.replace(self.path(part), self.path(name))
        return name
