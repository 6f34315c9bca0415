"""What the layout engine is about to write, taken over as a `Section` before it is a file of its own.

WeasyPrint calls a `finisher` with the finished objects: dictionaries and arrays of pydyf.
"""

from __future__ import annotations

from typing import Any

from .sections import Page, Section, SectionHead


def name_files_once(_document: Any, pdf: Any) -> None:
    """PDF/A-3: each attached file once among the associated files (WeasyPrint 70 names it twice)."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(bytes(each) for each in pdf.catalog["AF"])


class SectionMaker:
    """A finisher that keeps the objects. `mark` keeps the names of table cells apart from other sections'."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self._made: Section | None = None

    def section(self) -> Section:
        if self._made is None:
            raise RuntimeError("Nothing has been written.")
        return self._made

    def __call__(self, document: Any, pdf: Any) -> None:
        catalog = pdf.catalog
        structure = _object(pdf, catalog.get("StructTreeRoot"))
        parent_tree = _object(pdf, structure["ParentTree"]) if structure else None
        outline = _object(pdf, catalog.get("Outlines"))
        files = _object(pdf, catalog.get("Names", {}).get("EmbeddedFiles"))
        self._mark_cells(pdf)
        page_numbers = pdf.pages["Kids"][::3]
        pages = tuple(
            Page(number, float(box[2] - box[0]), float(box[3] - box[1]))
            for number, box in ((n, pdf.objects[n]["MediaBox"]) for n in page_numbers)
        )
        first_page = pdf.objects[page_numbers[0]]
        resources = _object(pdf, first_page["Resources"])
        body: list[bytes] = []
        lengths: list[tuple[int, int]] = []
        for each in pdf.objects[1:]:
            data = each.data
            body.append(data)
            lengths.append((each.number, len(data) if each.compressible else -len(data)))
        self._made = Section(
            SectionHead(
                pages=pages,
                catalog=catalog.number,
                page_tree=pdf.pages.number,
                metadata=_number(catalog.get("Metadata")),
                structure=structure.number if structure else 0,
                structure_kids=tuple(map(_number, structure["K"])) if structure else (),
                parent_tree=parent_tree.number if parent_tree else 0,
                parents=tuple(_pairs(parent_tree["Nums"])) if parent_tree else (),
                outline=(
                    outline.number,
                    _number(outline["First"]),
                    _number(outline["Last"]),
                    int(outline["Count"]),
                )
                if outline
                else (0, 0, 0, 0),
                fonts=_number(resources["Font"]),
                names=tuple(
                    (name.data.decode("ascii"), _number(reference))
                    for name, reference in zip(files["Names"][::2], files["Names"][1::2], strict=True)
                )
                if files
                else (),
                info=pdf.info.data.decode("latin-1"),
                lengths=tuple(lengths),
            ),
            b"".join(body),
        )

    def _mark_cells(self, pdf: Any) -> None:
        """Header cells have names, to which the other cells point: the same string object in both places."""
        names: dict[int, Any] = {}
        for each in pdf.objects:
            if isinstance(each, dict) and each.get("Type") == "/StructElem":
                used = [each["ID"]] if "ID" in each else []
                for name in (*used, *each.get("A", {}).get("Headers", ())):
                    names[id(name)] = name
        for name in names.values():
            name.string = f"{self.mark}{name.string}"


def _object(pdf: Any, reference: Any) -> Any:
    return pdf.objects[_number(reference)] if reference else None


def _number(reference: Any) -> int:
    """`b"12 0 R"` -> 12"""
    return int(bytes(reference).split()[0]) if reference else 0


def _pairs(nums: Any) -> Any:
    for key, value in zip(nums[::2], nums[1::2], strict=True):
        data = value if isinstance(value, bytes) else value.data
        yield int(key), data.decode("ascii")
