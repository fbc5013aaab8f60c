"""基准包 (reference pack): the cities, figures, ends of scales and weights that a city is scored against.

A pack is frozen. A city's own figures replace the row of that city, never the ends of the scale, so that a new figure
for one city moves no other city; what lies beyond the ends counts as the end, and that is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from yingcheng.plan.formulas import Array, min_max
from yingcheng.plan.records import Indicator, PackIdentity
from yingcheng.standards.datafiles import read_rows, read_toml

__all__ = [
    "DERIVED",
    "INDUSTRIES",
    "SUBSYSTEMS",
    "Definition",
    "EarlierIndustries",
    "Pack",
    "Quantity",
    "content_of",
    "definition_from",
    "definition_plain",
    "derive",
    "digest_of",
    "grades",
    "plan_data",
    "quantity_from",
    "quantity_plain",
    "shipped_pack",
]

SUBSYSTEMS = ("人", "城", "产")
INDUSTRIES = tuple("ABCDEFGHIJKLMNOPQRS")  # the 19 sections of GB/T 4754-2017 that employ people in a census
NATION = "000000"
# Quantities that are computed from columns of the table, and the columns they rest on.
DERIVED: Mapping[str, tuple[str, ...]] = {
    "employed": INDUSTRIES,
    "nonfarm": INDUSTRIES[1:],
    "industry": INDUSTRIES[1:5],
    "working_age": ("population", "age_15_64"),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column of the pack's table, and what people call it."""

    column: str
    name: str
    unit: str
    year: str
    source: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """An indicator, how it is computed from the quantities, the frozen ends of its scale and its weight.

    ``core`` ones make up the levels; ``weight`` counts within the subsystem.
    """

    indicator: Indicator
    core: bool
    log: bool
    how: str
    columns: tuple[str, ...]  # added up
    over: str  # divided by; empty: not divided
    times: float
    diversity: bool
    also: tuple[str, ...]
    low: float
    high: float
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class EarlierIndustries:
    """Employment by the 19 sections at an earlier and at the pack's year, in persons.

    ``start`` is (n, 19), NaN where boundaries changed; ``whole_start`` and ``whole_end`` (19,) are the economy that
    the cities are compared with.
    """

    years: tuple[str, str]
    start: Array
    whole_start: Array
    whole_end: Array


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A frozen set of cities with n rows, q quantities and m indicators; ``core`` selects the m' of the levels."""

    id: str
    version: str
    title: str
    years: str
    weighting: str  # how the weights were made, in words
    codes: tuple[str, ...]
    provinces: tuple[str, ...]
    cities: tuple[str, ...]
    catalogue: tuple[Quantity, ...]  # q
    quantities: Array  # (n, q), NaN where unknown
    definitions: tuple[Definition, ...]  # m
    values: Array  # (n, m), NaN where unknown
    subsystem_weights: tuple[float, ...]  # 人 城 产
    units: Mapping[str, tuple[float, str]]
    industries: EarlierIndustries | None
    sha256: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the quantities' columns."""
        return tuple(quantity.column for quantity in self.catalogue)

    @property
    def core(self) -> npt.NDArray[np.intp]:
        """(m',) columns of ``values`` that make up the levels."""
        return np.asarray([i for i, d in enumerate(self.definitions) if d.core], dtype=np.intp)

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Positions within ``core`` of each subsystem's indicators, in the order of ``SUBSYSTEMS``."""
        subsystems = [self.definitions[column].indicator.subsystem for column in self.core]
        return tuple(tuple(i for i, name in enumerate(subsystems) if name == wanted) for wanted in SUBSYSTEMS)

    @property
    def weights(self) -> Array:
        """(m',) weights of the core indicators; only the proportions within a subsystem matter."""
        return np.asarray([self.definitions[column].weight for column in self.core])

    @property
    def identity(self) -> PackIdentity:
        """What is printed beside every score."""
        sources = dict.fromkeys(quantity.source for quantity in self.catalogue if quantity.source)
        return PackIdentity(
            self.id, self.version, self.title, self.sha256, len(self.codes), self.years, self.weighting, tuple(sources)
        )

    def standardise(self, values: Array) -> Array:
        """All indicators on the frozen scales: (n, m) → (n, m) in 0 … 1, NaN where unknown."""
        directions = np.asarray([d.indicator.direction for d in self.definitions], dtype=np.float64)
        log = np.asarray([d.log for d in self.definitions])
        low, high = (np.asarray([getattr(d, end) for d in self.definitions]) for end in ("low", "high"))
        return min_max(values, directions, low=low, high=high, log=log)


@cache
def plan_data(name: str) -> Mapping[str, Any]:
    """A data file of this room; read once, not to be changed by the caller."""
    return read_toml(name, room="plan")


def derive(columns: tuple[str, ...], quantities: Array, definitions: Sequence[Definition]) -> Array:
    """Compute indicators from quantities: (n, q) → (n, m); unknown wherever a part is unknown."""
    known = {name: quantities[:, i] for i, name in enumerate(columns)}
    for name in ("employed", "nonfarm", "industry"):
        if all(section in known for section in DERIVED[name]):
            known[name] = np.sum([known[section] for section in DERIVED[name]], axis=0)
    if all(part in known for part in DERIVED["working_age"]):
        known["working_age"] = known["population"] * known["age_15_64"] / 100.0
    results = []
    for definition in definitions:
        if definition.diversity:
            share = np.stack([known[section] for section in INDUSTRIES], axis=1) / known["employed"][:, None]
            logs = np.log(share, out=np.zeros_like(share), where=share > 0)
            results.append(-(share * logs).sum(axis=1))
            continue
        value = np.sum([known[name] for name in definition.columns], axis=0)
        if definition.over:
            below = known[definition.over]
            value = value / np.where(below > 0, below, np.nan)
        results.append(value * definition.times)
    return np.stack(results, axis=1)


def quantity_from(entry: Mapping[str, Any]) -> Quantity:
    """A quantity as a data file writes it; a ``KeyError`` names what is missing."""
    return Quantity(
        entry["column"],
        entry["name"],
        entry["unit"],
        str(entry["year"]),
        entry["source"],
        tuple(entry.get("also", ())),
    )


def quantity_plain(quantity: Quantity) -> dict[str, Any]:
    """The inverse of :func:`quantity_from`."""
    return {
        "column": quantity.column,
        "name": quantity.name,
        "unit": quantity.unit,
        "year": quantity.year,
        "source": quantity.source,
        "also": list(quantity.also),
    }


def definition_from(entry: Mapping[str, Any]) -> Definition:
    """An indicator as a data file writes it; a ``KeyError`` names what is missing. Without ``ends`` they are NaN."""
    low, high = entry.get("ends", (float("nan"), float("nan")))
    return Definition(
        Indicator(entry["name"], entry["subsystem"], int(entry["direction"]), entry["unit"], entry["source"]),
        core=bool(entry["core"]),
        log=bool(entry.get("log", False)),
        how=entry.get("how", ""),
        columns=tuple(entry.get("sum", ())),
        over=entry.get("over", ""),
        times=float(entry.get("times", 1.0)),
        diversity=bool(entry.get("diversity", False)),
        also=tuple(entry.get("also", ())),
        low=float(low),
        high=float(high),
        weight=float(entry.get("weight", 1.0)),
    )


def definition_plain(definition: Definition) -> dict[str, Any]:
    """The inverse of :func:`definition_from`."""
    indicator = definition.indicator
    return {
        "name": indicator.name,
        "subsystem": indicator.subsystem,
        "direction": indicator.direction,
        "unit": indicator.unit,
        "source": indicator.source,
        "core": definition.core,
        "log": definition.log,
        "how": definition.how,
        "sum": list(definition.columns),
        "over": definition.over,
        "times": definition.times,
        "diversity": definition.diversity,
        "also": list(definition.also),
        "ends": [definition.low, definition.high],
        "weight": definition.weight,
    }


def _figures(row: Array) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in row]


def content_of(pack: Pack) -> dict[str, Any]:
    """Everything a pack holds, as plain values; this is what is hashed and what a pack file holds."""
    earlier = pack.industries
    return {
        "format": "yingcheng-pack/1",
        "id": pack.id,
        "version": pack.version,
        "title": pack.title,
        "years": pack.years,
        "weights": pack.weighting,
        "subsystems": dict(zip(SUBSYSTEMS, pack.subsystem_weights, strict=True)),
        "units": {unit: [factor, base] for unit, (factor, base) in pack.units.items()},
        "quantities": [quantity_plain(quantity) for quantity in pack.catalogue],
        "indicators": [definition_plain(definition) for definition in pack.definitions],
        "industries": None
        if earlier is None
        else {
            "years": list(earlier.years),
            "whole_start": _figures(earlier.whole_start),
            "whole_end": _figures(earlier.whole_end),
        },
        "cities": [
            {
                "code": code,
                "province": province,
                "city": city,
                "figures": _figures(pack.quantities[i]),
                "industries_before": [] if earlier is None else _figures(earlier.start[i]),
            }
            for i, (code, province, city) in enumerate(zip(pack.codes, pack.provinces, pack.cities, strict=True))
        ],
    }


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of a pack's content, in one canonical spelling."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()


def _earlier(codes: Sequence[str]) -> EarlierIndustries:
    table = {
        (row["code"], row["year"]): [float(row[section]) for section in INDUSTRIES]
        for row in read_rows("industries_2010.csv", room="plan")
    }
    unknown = [float("nan")] * len(INDUSTRIES)
    return EarlierIndustries(
        ("2010", "2020"),
        np.asarray([table.get((code, "2010"), unknown) for code in codes]),
        np.asarray(table[NATION, "2010"]),
        np.asarray(table[NATION, "2020"]),
    )


@cache
def shipped_pack() -> Pack:
    """The pack that comes with the project: every prefecture whose core indicators are all known.

    The scales end at the 5th and the 95th percentile: on raw ends a single extreme city would take most of the
    obstacle degree of all others. The ends are data, written down once; a figure that is corrected moves no scale.
    """
    settings = plan_data("indicators.toml")
    about = settings["reference"]
    definitions = tuple(definition_from(entry) for entry in settings["indicator"])
    catalogue = tuple(quantity_from(entry) for entry in settings["quantity"])
    columns = tuple(quantity.column for quantity in catalogue)
    rows = list(read_rows("prefectures.csv", room="plan"))
    quantities = np.asarray([[float(row[c]) if row[c] else np.nan for c in columns] for row in rows])
    values = derive(columns, quantities, definitions)
    core = [i for i, d in enumerate(definitions) if d.core]
    complete = np.flatnonzero(~np.isnan(values[:, core]).any(axis=1))
    kept = [rows[int(i)] for i in complete]
    codes = tuple(row["code"] for row in kept)
    return Pack(
        id=about["id"],
        version=about["version"],
        title=about["title"],
        years=about["years"],
        weighting=about["weights"],
        codes=codes,
        provinces=tuple(row["province"] for row in kept),
        cities=tuple(row["city"] for row in kept),
        catalogue=catalogue,
        quantities=quantities[complete],
        definitions=definitions,
        values=values[complete],
        subsystem_weights=tuple(float(about["subsystems"][name]) for name in SUBSYSTEMS),
        units={unit: (float(factor), base) for unit, (factor, base) in settings["units"].items()},
        industries=_earlier(codes),
        sha256=about["sha256"],
    )


@cache
def grades(name: str = "ten") -> tuple[tuple[float, str], ...]:
    """A named table of grades of coupling coordination: (upper end, name), rising."""
    return tuple((float(upper), title) for upper, title in plan_data("grades.toml")[name]["grades"])
