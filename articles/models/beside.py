"""What migrations of an installation with 100,000 articles are made of, so that nobody waits while they run."""

from __future__ import annotations

from django.db import NotSupportedError, migrations


class AddIndexBeside(migrations.AddIndex):
    """Makes an index while others write: CONCURRENTLY on PostgreSQL, as usual on SQLite (which writes as one anyway).

    Its migration says `atomic = False` and has no other operation, since one that fails half-way leaves an invalid
    index, which must be dropped before the next try.
    """

    atomic = False

    def describe(self) -> str:
        """For `migrate --plan`."""
        return f"{super().describe()} without holding writers up"

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        """Raises NotSupportedError inside a transaction of PostgreSQL, where it cannot be done."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        if schema_editor.connection.in_atomic_block:
            raise NotSupportedError("An index is made beside others outside of a transaction: set atomic = False.")
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(self.index.create_sql(model, schema_editor, concurrently=True))

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        """The same the other way round."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(self.index.remove_sql(model, schema_editor, concurrently=True))
