"""Draws the pictures of the sample archive, so that a first run looks like a newsroom without any network."""

from __future__ import annotations

import sys
from pathlib import Path

from canvas import PALETTES, Canvas
from scenes import charts, coast, land, rooms, tables, town

HERE = Path(__file__).resolve().parent
WIDE, LARGE, PHOTO, SMALL = (1120, 630), (1280, 720), (1080, 720), (1000, 667)
SLIM, TALL, SQUARE = (1000, 563), (1000, 1334), (1000, 1000)
BBC, BBC_2020 = "ichef.bbci.co.uk/ace/ws/640/cpsprodpb/", "ichef.bbci.co.uk/news/640/cpsprodpb/"
NYT, VOA, RFI = "static01.nyt.com/images/", "gdb.voanews.com/", "s.rfi.fr/media/display/"
RFA, CDT = "www.rfa.org/mandarin/yataibaodao/", "chinadigitaltimes.net/chinese/files/"
DW, MEDIUM = "static.dw.com/image/", "cdn-images-1.medium.com/max/"
FEATURE = "www.chinafile.com/sites/default/files/styles/large/public/assets/images/article/"
RAIN, SKY = NYT + "2025/01/12/multimedia/12sci-rain-lqpv-0", NYT + "2024/03/17/multimedia/17nat-darksky-0"

# (path below this folder, scene, palette, size, options of the scene)
PICTURES = [
    # Deutsche Welle
    (DW + "71595210_303.jpg", rooms.readingroom, "wood", LARGE, {}),
    (DW + "71595233_303.jpg", rooms.hall, "day", WIDE, {}),
    (DW + "71440355_303.jpg", coast.harbour, "frost", WIDE, {"sheds": True}),
    (DW + "71440402_303.jpg", rooms.racks, "grow", WIDE, {}),
    (DW + "71440611_303.jpg", town.skyline, "rose", WIDE, {"wet": False, "lit": 0.1, "beds": True}),
    (DW + "71402240_303.jpg", rooms.greenhouse, "grow", LARGE, {"aisle": 0.6}),
    (DW + "71402266_303.jpg", rooms.pipes, "storm", SLIM, {}),
    (DW + "71367015_303.jpg", town.station, "dusk", LARGE, {}),
    (DW + "71367041_303.jpg", rooms.compartment, "night", SLIM, {}),
    (DW + "71367066_303.jpg", town.viaduct, "dawn", WIDE, {}),
    (DW + "71288560_303.jpg", coast.harbour, "dawn", LARGE, {"boat": True}),
    (DW + "71288577_303.jpg", coast.tank, "sea", SLIM, {}),
    (DW + "70911902_303.jpg", town.facade, "dusk", WIDE, {"shop": "soup", "lit": 0.3}),
    (DW + "70911931_303.jpg", tables.soup, "ochre", SLIM, {}),
    ("api.dw.com/image/55120377_303.jpg", land.forest, "tea", WIDE, {}),
    ("api.dw.com/image/55120391_303.jpg", rooms.cello, "wood", SLIM, {}),
    # BBC
    (BBC + "51f8/live/3f1c0a70-d3a6-11ef-9fd6-0be88a764111.jpg", coast.waves, "sea", LARGE, {"boat": "sail"}),
    (BBC + "8a0c/live/9be02f10-d3a6-11ef-87df-d575b9a434a4.jpg", charts.spectrum, "sea", SLIM, {}),
    (BBC + "2c41/live/71d7aa30-e2c1-11ef-a319-fb4e7360c4ec.jpg", land.peaks, "frost", LARGE, {}),
    (BBC + "b7d2/live/a8e85660-e2c1-11ef-bd1b-d536627785f2.jpg", land.peaks, "day", SLIM, {"camp": True}),
    (BBC + "e91f/live/c4f8d1f0-e2c1-11ef-a819-277e390a7a08.jpg", land.hills, "tea", SLIM, {"tall": 1.6}),
    (BBC + "0d3e/live/1b6a3d80-bd22-11ef-aff0-072ce821b6ab.jpg", land.snowtown, "dusk", LARGE, {}),
    (
        BBC + "63b4/live/3f0a2b10-bd22-11ef-a0f2-fd81ae5962f4.jpg",
        town.facade,
        "night",
        SLIM,
        {"shop": "bread", "lit": 0.4},
    ),
    (
        BBC + "9ac5/live/5c1f7e40-bd22-11ef-9d4d-1bf1d32a5d2b.jpg",
        land.peaks,
        "polar",
        WIDE,
        {"ice": False, "aurora": True},
    ),
    (BBC_2020 + "15A4E/production/_114846990_bookboat-1.jpg", coast.waves, "day", WIDE, {"boat": "ferry"}),
    (BBC_2020 + "24F5/production/_114854991_captain-2.jpg", rooms.books, "wood", SMALL, {"porthole": True}),
    ("ichef.bbci.co.uk/images/ic/1024x576/p08sn2aa.jpg", coast.waves, "dawn", SLIM, {"boat": "ferry", "light": 0.8}),
    (BBC_2020 + "133CC/production/_114854992_cat-3.jpg", rooms.cat, "sea", SQUARE, {}),
    (BBC_2020 + "1810E/production/_114854993_map-4.jpg", charts.contours, "paper", SMALL, {"islands": True}),
    (BBC_2020 + "6C02/production/_114201772_lighthouse-1.jpg", coast.lighthouse, "dusk", WIDE, {}),
    (BBC_2020 + "BA22/production/_114201775_lens-2.jpg", charts.lens, "sea", SMALL, {}),
    # Voice of America
    (VOA + "01000000-0aff-0242-a94d-08dd4ae1f7c5_w1080_h608_s.jpg", coast.marsh, "dawn", LARGE, {"birds": 520}),
    (
        VOA + "01000000-0aff-0242-c0f8-08dd4ae24b19_w1080_h608_s.jpg",
        coast.marsh,
        "field",
        SLIM,
        {"birds": 24, "walk": True},
    ),
    (VOA + "01000000-0aff-0242-6f1e-08dd1a53c9a1_w1080_h608_s.jpg", coast.radio, "dusk", WIDE, {}),
    (VOA + "01000000-0a00-0242-2b7c-08dd1a540be2_w1080_h608_s.jpg", tables.oillamp, "night", SLIM, {}),
    (
        VOA + "5e1f08dc-4267-4a1c-9c03-7be1d0a6b0f2_tv_r1_s_w900.jpg",
        coast.radio,
        "storm",
        SLIM,
        {"place": 0.66, "rain": True},
    ),
    (VOA + "C3D208DC-4267-40B1-8A11-2F5F0C9D7E31_cx0_cy10_cw0_r1_s_w900.jpg", charts.circuit, "ochre", SLIM, {}),
    # Radio France Internationale
    (
        RFI + "9a04be16-dfa1-11ef-9f6b-005056bf30b7/w:1280/p:16x9/levain_boulangerie_2025.jpg",
        tables.jars,
        "tea",
        WIDE,
        {},
    ),
    (RFI + "b83f0d1c-dfa1-11ef-a3a1-005056bfb2b6/w:980/p:3x2/pains_marche.jpg", tables.bread, "day", SMALL, {}),
    (
        RFI + "2c7e41d8-d35f-11ef-b0a2-005056a97e36/w:1280/p:16x9/Voilier_Hirondelle3_SaintAubin.jpg",
        coast.waves,
        "rose",
        WIDE,
        {"boat": "sail", "light": 0.72, "rough": 0.7},
    ),
    (
        RFI + "5b90f2aa-d35f-11ef-8c11-005056a90284/w:980/p:3x2/atelier_voile_saint-aubin.jpg",
        rooms.sailloft,
        "sea",
        SMALL,
        {},
    ),
    (
        RFI + "7f20c1aa-7b2e-11ee-a1c4-005056bf30b7/w:1280/p:16x9/Horloge_Marseille_2023.JPG",
        town.clock,
        "ochre",
        WIDE,
        {},
    ),
    # Radio Free Asia
    (RFA + "shehui/lm1-02082025074412.html/yq0208a.jpg", town.lanterns, "dusk", LARGE, {}),
    (
        RFA + "shehui/lm1-02082025074412.html/yq0208b.jpg/@@images/7bd1c0fe-91a4-4f0e-b0de-31ab9ff0a9d2.jpeg",
        town.lanterns,
        "rose",
        SMALL,
        {"near": True},
    ),
    (RFA + "kejiaowen/xq1-01092025081540.html/qh0109a.jpg", land.terraces, "frost", PHOTO, {"frost": True}),
    (
        RFA + "kejiaowen/xq1-01092025081540.html/qh0109b.jpg/@@images/5e8fb7c1-1f20-4c0a-8f6b-0a9d3c7712ef.jpeg",
        tables.tea,
        "tea",
        SMALL,
        {"book": True},
    ),
    (RFA + "kejiaowen/xq1-04182023091533.html/qh0418a.jpg", land.weatherbox, "tea", PHOTO, {}),
    (
        RFA + "kejiaowen/xq1-04182023091533.html/qh0418b.jpg/@@images/1d2c3b4a-0000-4f7e-9c11-abcdef012345.jpeg",
        land.rooster,
        "day",
        SMALL,
        {},
    ),
    (RFA + "kejiaowen/xq2-03022023101112.html/jj0302a.jpg", tables.orrery, "tea", PHOTO, {}),
    # New York Times
    (RAIN + "1/12sci-rain-lqpv-01-master1050.jpg", town.skyline, "dusk", PHOTO, {}),
    (RAIN + "2/12sci-rain-lqpv-02-master1050.jpg", charts.contours, "paper", SMALL, {"rivers": 9}),
    (RAIN + "3/12sci-rain-lqpv-03-master1050.jpg", town.umbrellas, "storm", SMALL, {}),
    (RAIN + "4/12sci-rain-lqpv-04-master1050.jpg", land.stream, "field", SMALL, {}),
    (
        NYT + "2024/12/08/multimedia/08lib-things-wkbz-01/08lib-things-wkbz-01-master1050.jpg",
        tables.tools,
        "tea",
        PHOTO,
        {},
    ),
    (
        NYT + "2024/12/08/multimedia/08lib-things-wkbz-02/08lib-things-wkbz-02-master1050.jpg",
        land.starlight,
        "night",
        SMALL,
        {"ground": "telescope"},
    ),
    (SKY + "1-hqtv/17nat-darksky-01-hqtv-master1050.jpg", land.starlight, "night", PHOTO, {}),
    (SKY + "2-hqtv/17nat-darksky-02-hqtv-master1050.jpg", charts.lens, "night", SMALL, {}),
    (SKY + "3-hqtv/17nat-darksky-03-hqtv-master1050.jpg", land.starlight, "dusk", SMALL, {"ground": "dinner"}),
    (
        NYT + "2020/09/13/world/13balcony-wheat-01/13balcony-wheat-01-master1050.jpg",
        town.facade,
        "rose",
        PHOTO,
        {"wheat": True},
    ),
    (NYT + "2020/09/13/world/13balcony-wheat-02/13balcony-wheat-02-master1050.jpg", land.wheat, "ochre", SMALL, {}),
    # China Digital Times
    (CDT + "2025/01/noodle-board-1.jpg", town.facade, "storm", PHOTO, {"shop": "noodle", "lit": 0.25}),
    (CDT + "2025/01/noodle-board-2.jpg", tables.cards, "ochre", SMALL, {}),
    (CDT + "2024/12/last-bus-plants.jpg", rooms.busplants, "night", PHOTO, {}),
    (CDT + "2020/07/bicycle-650771.jpg", town.bicycles, "ochre", PHOTO, {}),
    (CDT + "2020/06/umbrella-648211.jpg", town.umbrellas, "tea", (1000, 750), {"box": True}),
    (CDT + "2020/06/umbrella-648219.jpg", town.umbrellas, "frost", TALL, {}),
    (CDT + "2020/06/doorplate-647902.jpg", town.doors, "ochre", (1000, 750), {}),
    # Magazines
    (MEDIUM + "1024/1*Qw3rTyValleyWells01.jpeg", town.bicycles, "field", PHOTO, {"hill": True}),
    (MEDIUM + "800/0*ChalkAndTape.png", charts.contours, "paper", SMALL, {"dots": 44}),
    (MEDIUM + "1024/1*OrdinarySoundsDrawers.jpeg", rooms.drawers, "wood", PHOTO, {}),
    (MEDIUM + "1024/1*KettleFourMovements.jpeg", tables.kettle, "frost", SMALL, {}),
    ("www.iyouport.org/wp-content/uploads/2019/11/soundmap-01.png", charts.soundmap, "paper", (1000, 619), {}),
    ("www.iyouport.org/wp-content/uploads/2019/11/soundmap-02.png", charts.ripples, "paper", (1000, 619), {}),
    ("assets.matters.news/embed/6c1b8f2e-41d7-4c58-9c0a-7f35e2a1d011.jpeg", tables.vats, "ochre", PHOTO, {}),
    ("img.allhistory.com/now/2021-07-20/60f6a2113c55a21d4e7b9c01.jpg", tables.bookcover, "sea", TALL, {}),
    ("img.allhistory.com/now/2021-07-20/60f6a2353c55a21d4e7b9c07.jpg", tables.ledger, "ochre", SMALL, {}),
    (FEATURE + "featured/small-rivers-01.jpg", land.hills, "dawn", PHOTO, {"water": True}),
    (FEATURE + "inline/small-rivers-02.jpg", charts.contours, "tea", SMALL, {"rivers": 5, "dots": 20}),
]


def main(wanted: str = "") -> None:
    """Draw every picture whose path contains `wanted`."""
    for path, scene, palette, size, options in PICTURES:
        if wanted in path:
            canvas = Canvas(path, PALETTES[palette], size)
            scene(canvas, **options)
            canvas.save(HERE / path, size)


if __name__ == "__main__":
    main(*sys.argv[1:2])
