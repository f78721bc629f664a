"""The database: tables, one repository file for each noun, migrations. Nothing outside knows a table."""
