"""Migrations lock nothing for long: what holds readers or editors up on 100,000 articles is refused here.

A release runs its migrations while the one before it serves (docs/operate.md). So a table that grows with the archive
gets columns that may be empty and nothing else, indexes that are made beside it, and loses nothing that the release
before still reads. What must break a rule is named in `JUDGED` with the reason why it does no harm.
"""

import inspect

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from articles.models.beside import AddCheckBeside, AddIndexBeside, DropFieldIndexBeside
from newsroom.celery import app
from tests.services import Installation, postgres_database

# 0001 to 0030 are the first release (docs/operate.md): no place had data before it, so they run on empty tables, and
# are not judged. Whatever comes after them is.
FIRST = 31
LARGE = {
    *("article", "articleimage", "band", "deed", "entry", "image", "importfile", "keyterm", "original"),
    *("possibleduplicate", "poster", "reference", "rendition", "revision", "signature", "step", "storyarticle", "tag"),
    *("taggedarticle",),
}
# (name of the migration, place of the operation in it): why it may.
JUDGED: dict[tuple[str, int], str] = {
    ("0041_parts_joined_later", 0): "it writes three settings of one table",
    ("0039_long_texts_by_lz4", 0): "it says how one column is compressed from now on, and writes no row anew",
    ("0038_cheaper_writing", 0): "it says how rows to come are kept, and writes none anew",
    ("0034_dry_runs_and_what_chiefs_see", 1): "it writes the rights of three roles",
    ("0032_schedules_claims_and_waiting_entries", 3): "an index names the few articles that expire",
}


LATER = "the release before still reads it: take it away one release later"
ANYWHERE = {
    (migrations.RunPython, migrations.RunSQL): "only a person can tell what it holds up and for how long",
    (migrations.DeleteModel, migrations.RenameModel, migrations.AlterModelTable): LATER,
    (migrations.RemoveField, migrations.RenameField): LATER,
}


def of_field(operation, *_) -> str:
    field = operation.field
    if field.many_to_many:
        return ""
    if not field.null or field.unique or field.has_default() or field.db_default is not models.NOT_PROVIDED:
        return "the whole table is written anew (on SQLite): let it be null, or give it a table of its own"
    return "writers wait until its index is made: AddIndexBeside, and db_index=False" if field.db_index else ""


def of_change(operation, before, after) -> str:
    if isinstance(operation, DropFieldIndexBeside):
        return ""
    old, new = (
        state.apps.get_model("articles", operation.model_name)._meta.get_field(operation.name)
        for state in (before, after)
    )
    changes = connection.SchemaEditorClass(connection)._field_should_be_altered(old, new)
    return "the whole table is written anew, or looked at under a lock" if changes else ""


def of_index(operation, *_) -> str:
    return "" if isinstance(operation, AddIndexBeside) else "writers wait until it is made: use AddIndexBeside"


def of_rows(operation, *_) -> str:
    return "" if isinstance(operation, AddCheckBeside) else "every row is looked at under a lock: use AddCheckBeside"


LARGE_ONLY = {
    migrations.AddField: of_field,
    migrations.AlterField: of_change,
    migrations.AddIndex: of_index,
    migrations.AddConstraint: of_rows,
    migrations.AlterUniqueTogether: of_rows,
    migrations.AlterIndexTogether: of_rows,
    migrations.AlterOrderWithRespectTo: of_rows,
}


def fault(operation, before: ProjectState, after: ProjectState) -> str:
    """Why an operation would hold somebody up, or break the release that is still running; "" when it does not."""
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return next(filter(None, (fault(each, before, after) for each in operation.database_operations)), "")
    told = next((why for kinds, why in ANYWHERE.items() if isinstance(operation, kinds)), "")
    table = getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))
    if told or table not in LARGE:
        return told
    judge = next((rule for kind, rule in LARGE_ONLY.items() if isinstance(operation, kind)), None)
    return judge(operation, before, after) if judge else ""


def faults(migration, before: ProjectState) -> list[tuple[int, str, str]]:
    """Place, description and fault of each operation that has one."""
    found, state = [], before
    for place, operation in enumerate(migration.operations):
        after = state.clone()
        operation.state_forwards("articles", after)
        told = fault(operation, state, after)
        if told and (migration.name, place) not in JUDGED:
            found.append((place, operation.describe(), told))
        state = after
    return found


def newer() -> list[tuple[object, ProjectState]]:
    """Our migrations from FIRST on, each with the state before it."""
    loader = MigrationLoader(None)
    keys = sorted(key for key in loader.disk_migrations if key[0] == "articles" and int(key[1][:4]) >= FIRST)
    return [(loader.get_migration(*key), loader.project_state(key, at_end=False)) for key in keys]


def test_no_migration_holds_anybody_up_for_long(db):
    found = {migration.name: faults(migration, before) for migration, before in newer()}
    assert not {name: told for name, told in found.items() if told}


DROPPED = {"articleimage": "article_id", "keyterm": "article_id", "reference": "article_id"}
DROPPED |= {"taggedarticle": "content_object_id"}


@pytest.mark.parametrize("table", DROPPED)
def test_a_field_that_comes_first_in_a_constraint_has_no_second_index(db, table):
    with connection.cursor() as cursor:
        kept = connection.introspection.get_constraints(cursor, f"articles_{table}").values()
    assert not [one for one in kept if one["index"] and one["columns"] == [DROPPED[table]]]
    assert [one for one in kept if one["unique"] and one["columns"][:1] == [DROPPED[table]]]


def test_every_migration_after_the_first_release_is_judged():
    numbers = [int(migration.name[:4]) for migration, _ in newer()]
    on_disk = [int(name[:4]) for app, name in MigrationLoader(None).disk_migrations if app == "articles"]
    assert sorted(numbers) == sorted(number for number in on_disk if number > 30)
    assert numbers


# What messages of the first release hold: they may wait in a queue while workers are replaced (docs/operate.md).
OLD_MESSAGES = {
    "begin_import": ([1], {}),
    "bulk_job": ([1], {}),
    "clear_uploads": ([], {}),
    "feel_pulse": ([], {}),
    "fetch_due_images": ([], {}),
    "fetch_image": ([1], {"folder": "", "again": True}),
    "find_alike": ([], {}),
    "forget_sign_ins": ([], {}),
    "go_on_undoing": ([1], {}),
    "go_on_with_silent_bulk_jobs": ([], {}),
    "go_on_with_silent_imports": ([], {}),
    "import_files": ([1, [1, 2], True], {}),
    "index_articles": ([[1, 2]], {}),
    "learn_topics": ([], {}),
    "make_renditions": ([[1, 2]], {}),
    "place_images": ([[1, 2], "/pictures"], {}),
    "settle_take_downs": ([], {}),
    "tell_hub": ([1], {}),
    "tell_hubs": ([], {}),
    "watch_inbox": ([], {}),
}


@pytest.mark.parametrize("name", OLD_MESSAGES)
def test_a_message_of_the_first_release_is_understood_by_a_worker_of_this_one(name):
    task = app.tasks[f"articles.tasks.{name}"]
    given, named = OLD_MESSAGES[name]
    inspect.signature(task.run).bind(*given, **named)


def test_every_task_ends_long_before_a_broker_gives_its_message_to_somebody_else():
    ours = [task for name, task in app.tasks.items() if name.startswith("articles.")]
    waits = 1800  # seconds: the visibility timeout of Redis (settings), and RabbitMQ's consumer_timeout
    limits = {task.name: task.time_limit or app.conf.task_time_limit for task in ours}
    assert len(ours) >= len(OLD_MESSAGES)
    assert not {name for name, limit in limits.items() if limit * 2 > waits}


def test_what_is_judged_is_still_there():
    there = {(migration.name, place) for migration, _ in newer() for place in range(len(migration.operations))}
    assert not set(JUDGED) - there


def test_the_large_tables_have_these_names():
    names = {key[1] for key in MigrationLoader(None).project_state().models if key[0] == "articles"}
    assert not LARGE - names


BAD = [
    migrations.AddField("article", "mood", models.CharField(max_length=9, default="calm")),
    migrations.AddField("article", "mood", models.CharField(max_length=9, null=True, unique=True)),
    migrations.AddField("original", "read", models.ForeignKey("articles.Source", models.CASCADE, null=True)),
    migrations.AddIndex("article", models.Index(fields=["byline"], name="by_byline")),
    migrations.AddConstraint("image", models.CheckConstraint(condition=models.Q(width__gt=0), name="is_wide")),
    migrations.AlterField("article", "byline", models.CharField(max_length=900)),
    migrations.AlterField("reference", "url", models.TextField(null=True)),
    migrations.RemoveField("source", "home_url"),
    migrations.RenameField("source", "home_url", "home"),
    migrations.DeleteModel("Ping"),
    migrations.RunPython(migrations.RunPython.noop),
    migrations.RunSQL("UPDATE articles_article SET title = title"),
]
GOOD = [
    migrations.AddField("article", "mood", models.CharField(max_length=9, null=True)),
    migrations.AddField("source", "mood", models.CharField(max_length=9, default="calm")),
    AddIndexBeside("article", models.Index(fields=["byline"], name="by_byline")),
    migrations.AlterField("article", "byline", models.CharField("who wrote it", max_length=500, blank=True)),
    migrations.CreateModel("Mood", [("id", models.BigAutoField(primary_key=True))]),
    migrations.RemoveIndex("article", "article_by_text"),
]


def tried(operation):
    migration = migrations.Migration("0999_tried", "articles")
    migration.operations = [operation]
    return faults(migration, MigrationLoader(None).project_state())


@pytest.mark.parametrize("operation", BAD, ids=lambda operation: operation.describe())
def test_what_would_hold_somebody_up_is_found(db, operation):
    assert tried(operation)


@pytest.mark.parametrize("operation", GOOD, ids=lambda operation: operation.describe())
def test_what_holds_nobody_up_passes(db, operation):
    assert not tried(operation)


def test_an_index_is_made_beside_writers_on_postgresql(tmp_path):
    script = (
        "from django.db import connection, models\n"
        "from django.db.migrations.loader import MigrationLoader\n"
        "from articles.models.beside import AddIndexBeside\n"
        "state = MigrationLoader(None).project_state()\n"
        "index = AddIndexBeside('source', models.Index(fields=['name'], name='source_by_name_alone'))\n"
        "after = state.clone()\n"
        "index.state_forwards('articles', after)\n"
        "asked = []\n"
        "def tell(execute, sql, *rest):\n"
        "    asked.append(sql)\n"
        "    return execute(sql, *rest)\n"
        "with connection.execute_wrapper(tell):\n"
        "    with connection.schema_editor(atomic=False) as editor:\n"
        "        index.database_forwards('articles', editor, state, after)\n"
        "        index.database_backwards('articles', editor, after, state)\n"
        "print(*asked, sep='\\n')\n"
    )
    with postgres_database() as address:
        place = Installation(tmp_path, DATABASE_URL=address)
        made, dropped = place.manage("shell", "--verbosity", "0", "--command", script).splitlines()
    assert made.startswith('CREATE INDEX CONCURRENTLY "source_by_name_alone"')
    assert dropped.startswith("DROP INDEX CONCURRENTLY")
