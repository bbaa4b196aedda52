"""Who may come in: attempts are throttled, sessions end, a second factor can be demanded, people can be erased."""

from articles.guarding.factors import (
    accepts,
    begin_session,
    demand_of_roles,
    demanded_roles,
    enrol,
    has_factor,
    is_demanded,
    new_key,
    new_recovery_codes,
    provisioning,
    recovery_codes_left,
    remove_factor,
    with_factors,
)
from articles.guarding.people import erase_person, export_person
from articles.guarding.sessions import sessions_of, sign_out_everywhere
from articles.guarding.throttling import client_address, forget, is_throttled

__all__ = [
    "accepts",
    "begin_session",
    "client_address",
    "demand_of_roles",
    "demanded_roles",
    "enrol",
    "erase_person",
    "export_person",
    "forget",
    "has_factor",
    "is_demanded",
    "is_throttled",
    "new_key",
    "new_recovery_codes",
    "provisioning",
    "recovery_codes_left",
    "remove_factor",
    "sessions_of",
    "sign_out_everywhere",
    "with_factors",
]
