"""Printing: what is read on paper or in a spreadsheet. reportlab and csv live here alone.

A sheet is plain data; what it says is decided elsewhere. The same sheet gives the same bytes.
"""

from archiver.printing.fonts import shown
from archiver.printing.pages import as_pdf
from archiver.printing.sheets import Cell, Grid, Sheet
from archiver.printing.spreadsheets import as_csv, csv_lines

__all__ = ["Cell", "Grid", "Sheet", "as_csv", "as_pdf", "csv_lines", "shown"]
