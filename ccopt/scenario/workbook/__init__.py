"""The scenario document as an Excel workbook, for planners: one sheet per list, one column per field and period.

`layout` derives the sheets from the models, `guard` refuses hostile files, `cells` reads one cell, `reading` and
`writing` carry whole documents.
"""

from ccopt.scenario.workbook.reading import read_workbook
from ccopt.scenario.workbook.writing import write_template, write_workbook

__all__ = ["read_workbook", "write_template", "write_workbook"]
