"""Why files are refused or fail, in words, with what to do about it: one row a code of the importer."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Cause:
    """What is wrong, and what a person can do about it."""

    words: Promise
    remedy: Promise


_REPORT = _("Report it with this file; the others are not held up by it.")
_REPACK = _("Pack the archive anew.")

CAUSES = {
    "archive_bomb": Cause(_("An archive that unpacks to far more than it is"), _("Unpack it yourself and look first.")),
    "bad_address": Cause(_("The address is none of the web"), _("Correct the address in the file, then retry it.")),
    "binary": Cause(_("No text in UTF-8"), _("Convert the file to UTF-8, or leave it out.")),
    "broken_archive": Cause(_("A damaged archive"), _REPACK),
    "empty": Cause(_("An empty file"), _("Fetch it again, or leave it out.")),
    "encrypted": Cause(_("Locked with a password"), _("Pack it anew without a password.")),
    "link_loop": Cause(_("A link that leads back into its own folder"), _("Remove the link.")),
    "missing": Cause(_("Not there any more"), _("Put the file back, then retry it.")),
    "nested_archive": Cause(_("An archive inside an archive"), _("Unpack the inner one first.")),
    "no_header": Cause(_("No header line and no front matter"), _("Write [title](address) into its first line.")),
    "no_permission": Cause(_("May not be read"), _("Allow reading (chmod a+r), then retry it.")),
    "not_a_file": Cause(_("No ordinary file"), _("Pack or copy the file itself.")),
    "not_stored": Cause(_("Could not be stored"), _REPORT),
    "reader_fault": Cause(_("The reader stumbled over it"), _REPORT),
    "reader_hangs": Cause(_("The reader did not come to an end"), _REPORT),
    "reader_killed": Cause(_("The reader was killed over it"), _REPORT),
    "taken_down": Cause(_("Taken down here"), _("Nothing: a take-down keeps it out.")),
    "too_complex": Cause(_("More markup than any article needs"), _("Look at it, cut it or leave it out.")),
    "too_large": Cause(_("Too large"), _("Split it, or leave it out.")),
    "too_many_files": Cause(_("Too many files in one archive"), _("Divide it into smaller archives.")),
    "unreadable_file": Cause(_("The disk cannot read it"), _("Check the disk, then retry it.")),
    "unreadable_link": Cause(_("A link that leads nowhere"), _("Remove the link.")),
    "unsafe_path": Cause(_("A name that leads out of its archive"), _("Rename the file, and pack it anew.")),
}


def cause_of(code: str) -> Cause | None:
    """The row of a code; None for one that only a later version knows."""
    return CAUSES.get(code)
