import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0008_amendments'),
    ]

    operations = [
        migrations.AlterField(
            model_name='transition',
            name='undoes',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='undone_by', to='agreements.transition', verbose_name='取り消した手続き'),
        ),
    ]
