"""Background tasks: numbers in, one service called, what follows is chained here.

Every task is safe to run twice: what is done is told by rows in the database, never by the queue.
"""

from articles.tasks.alike import find_alike, find_alike_left
from articles.tasks.bulk import bulk_job, go_on_with_bulk_job, go_on_with_silent_bulk_jobs
from articles.tasks.clock import (
    clear_uploads,
    feel_pulse,
    forget_sign_ins,
    index_articles,
    index_waiting,
    learn_topics,
    settle_take_downs,
    tell_hub,
    tell_hubs,
)
from articles.tasks.imports import (
    begin_import,
    enqueue_files,
    go_on_undoing,
    go_on_with_silent_imports,
    hand_over,
    import_files,
    launch_import,
    undo_import,
    want_pictures,
    watch_inbox,
)
from articles.tasks.offering import BROKER_FAULTS, DATABASE_FAULTS, offer
from articles.tasks.pictures import (
    PICTURES_A_TASK,
    fetch_due_images,
    fetch_image,
    make_missing_renditions,
    make_renditions,
    place_all_images,
    place_images,
    want_renditions,
)

__all__ = [
    "BROKER_FAULTS",
    "DATABASE_FAULTS",
    "PICTURES_A_TASK",
    "begin_import",
    "bulk_job",
    "clear_uploads",
    "enqueue_files",
    "feel_pulse",
    "fetch_due_images",
    "fetch_image",
    "find_alike",
    "find_alike_left",
    "forget_sign_ins",
    "go_on_undoing",
    "go_on_with_bulk_job",
    "go_on_with_silent_bulk_jobs",
    "go_on_with_silent_imports",
    "hand_over",
    "import_files",
    "index_articles",
    "index_waiting",
    "launch_import",
    "learn_topics",
    "make_missing_renditions",
    "make_renditions",
    "offer",
    "place_all_images",
    "place_images",
    "settle_take_downs",
    "tell_hub",
    "tell_hubs",
    "undo_import",
    "want_pictures",
    "want_renditions",
    "watch_inbox",
]
