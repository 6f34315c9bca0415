"""The worksheet as an Excel file for a company on a closed network: written, and read when it returns."""

from .layout import FileRefused
from .reader import Returned, read_workbook
from .writer import write_workbook

__all__ = ["FileRefused", "Returned", "read_workbook", "write_workbook"]
