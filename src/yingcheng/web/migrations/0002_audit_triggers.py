"""From here on the database refuses to change or remove audit rows."""

from django.db import migrations

from yingcheng.web.audit import triggers


def _install(_apps, schema_editor):
    triggers.install(schema_editor.connection)


def _remove(_apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("web", "0001_initial")]
    operations = [migrations.RunPython(_install, _remove)]
