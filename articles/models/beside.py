"""What migrations of an installation with 100,000 articles are made of, so that nobody waits while they run."""

from __future__ import annotations

from collections.abc import Iterable

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


class DropFieldIndexBeside(migrations.AlterField):
    """Takes away the index of one field, whose new form has `db_index=False`, while others read and write.

    No row is written anew, which the usual operation would do on SQLite. Its migration says `atomic = False`; one that
    fails half-way can be run again.
    """

    def describe(self) -> str:
        """For `migrate --plan`."""
        return f"Drop the index of {self.model_name}.{self.name} without holding anybody up"

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        """Drops what the database knows as an index of this column alone."""
        model = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        column = model._meta.get_field(self.name).column
        how = "CONCURRENTLY IF EXISTS" if schema_editor.connection.vendor == "postgresql" else "IF EXISTS"
        for name in schema_editor._constraint_names(model, [column], unique=False, index=True):
            schema_editor.execute(f"DROP INDEX {how} {schema_editor.quote_name(name)}")

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        """Makes it anew."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(schema_editor._create_index_sql(model, fields=[model._meta.get_field(self.name)]))


class AddCheckBeside(migrations.AddConstraint):
    """Has the database hold a rule for what is written from now on, without looking at the rows that are there.

    PostgreSQL: NOT VALID. SQLite, which would write the whole table anew: triggers before an insert and before an
    update of `fields`, with `broken` as the condition (SQL over NEW); when a later migration writes the table anew, the
    constraint itself takes their place. Rows that break the rule already are the migration's to mend, afterwards.
    """

    def __init__(self, model_name: str, constraint, fields: Iterable[str], broken: str) -> None:
        super().__init__(model_name, constraint)
        self.fields, self.broken = tuple(fields), broken

    def deconstruct(self) -> tuple:
        """With the two parts that are ours."""
        name, args, kwargs = super().deconstruct()
        return name, args, kwargs | {"fields": self.fields, "broken": self.broken}

    def describe(self) -> str:
        """For `migrate --plan`."""
        return f"{super().describe()} for what is written from now on"

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        """No row is read."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"{self.constraint.create_sql(model, schema_editor)} NOT VALID")
            return
        told = f"SELECT RAISE(ABORT, 'CHECK constraint failed: {self.constraint.name}')"
        for name, moment in self._triggers():
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {moment} ON {model._meta.db_table} WHEN {self.broken} BEGIN {told}; END"
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        """The same the other way round."""
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        for name, _moment in self._triggers():
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")

    def _triggers(self) -> tuple[tuple[str, str], ...]:
        name = self.constraint.name
        return (f"{name}_1", "INSERT"), (f"{name}_2", f"UPDATE OF {', '.join(self.fields)}")
