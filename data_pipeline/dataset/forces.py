"""The 43 territorial police forces of England and Wales, and the suppliers that are left out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Force:
    """A territorial police force.

    Attributes
    ----------
    slug : str
        Name in the police files, in links and exports.
    code : str
        ONS code of its police force area; files are joined on it, never on a name.
    name : str
        Name shown to readers.
    """

    slug: str
    code: str
    name: str


FORCES: tuple[Force, ...] = (
    Force("avon-and-somerset", "E23000036", "Avon and Somerset"),
    Force("bedfordshire", "E23000026", "Bedfordshire"),
    Force("cambridgeshire", "E23000023", "Cambridgeshire"),
    Force("cheshire", "E23000006", "Cheshire"),
    Force("city-of-london", "E23000034", "City of London"),
    Force("cleveland", "E23000013", "Cleveland"),
    Force("cumbria", "E23000002", "Cumbria"),
    Force("derbyshire", "E23000018", "Derbyshire"),
    Force("devon-and-cornwall", "E23000035", "Devon and Cornwall"),
    Force("dorset", "E23000039", "Dorset"),
    Force("durham", "E23000008", "Durham"),
    Force("dyfed-powys", "W15000004", "Dyfed-Powys"),
    Force("essex", "E23000028", "Essex"),
    Force("gloucestershire", "E23000037", "Gloucestershire"),
    Force("greater-manchester", "E23000005", "Greater Manchester"),
    Force("gwent", "W15000002", "Gwent"),
    Force("hampshire", "E23000030", "Hampshire"),
    Force("hertfordshire", "E23000027", "Hertfordshire"),
    Force("humberside", "E23000012", "Humberside"),
    Force("kent", "E23000032", "Kent"),
    Force("lancashire", "E23000003", "Lancashire"),
    Force("leicestershire", "E23000021", "Leicestershire"),
    Force("lincolnshire", "E23000020", "Lincolnshire"),
    Force("merseyside", "E23000004", "Merseyside"),
    Force("metropolitan", "E23000001", "Metropolitan Police"),
    Force("norfolk", "E23000024", "Norfolk"),
    Force("north-wales", "W15000001", "North Wales"),
    Force("north-yorkshire", "E23000009", "North Yorkshire"),
    Force("northamptonshire", "E23000022", "Northamptonshire"),
    Force("northumbria", "E23000007", "Northumbria"),
    Force("nottinghamshire", "E23000019", "Nottinghamshire"),
    Force("south-wales", "W15000003", "South Wales"),
    Force("south-yorkshire", "E23000011", "South Yorkshire"),
    Force("staffordshire", "E23000015", "Staffordshire"),
    Force("suffolk", "E23000025", "Suffolk"),
    Force("surrey", "E23000031", "Surrey"),
    Force("sussex", "E23000033", "Sussex"),
    Force("thames-valley", "E23000029", "Thames Valley"),
    Force("warwickshire", "E23000017", "Warwickshire"),
    Force("west-mercia", "E23000016", "West Mercia"),
    Force("west-midlands", "E23000014", "West Midlands"),
    Force("west-yorkshire", "E23000010", "West Yorkshire"),
    Force("wiltshire", "E23000038", "Wiltshire"),
)

EXCLUDED_SUPPLIERS: dict[str, str] = {
    "btp": "British Transport Police",
    "northern-ireland": "Police Service of Northern Ireland",
}
"""Suppliers whose files never count: the first is present in some years only and places crimes at
stations, the second has no LSOA geography."""
