"""Import of the ledgers that exist: read a sheet, understand its columns, check every row, write all or nothing.

`reader` (file → rows) → `table` (header, data, totals) → `columns` (which column is what) → `importable` (what a
kind of record needs: agreements, companies, …) → `run` (preview, registration, undo).
"""
