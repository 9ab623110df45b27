"""Invented names of people, schools and teams to draw from."""

FIRST_NAMES = (
    "Ada", "Alba", "Amir", "Anouk", "Arlo", "Asha", "Beatriz", "Bodhi", "Carmen", "Cleo", "Dara", "Davi",
    "Elif", "Emeka", "Esme", "Farid", "Freya", "Gael", "Hana", "Hugo", "Imani", "Ines", "Ivo", "Jade",
    "Jonas", "Kaia", "Kenji", "Lara", "Leif", "Lina", "Luca", "Maeve", "Malik", "Mei", "Milo", "Nadia",
    "Nico", "Noor", "Odin", "Olive", "Omar", "Petra", "Priya", "Quinn", "Rafa", "Rosa", "Rumi", "Sana",
    "Silas", "Suki", "Tariq", "Tessa", "Theo", "Uma", "Vera", "Viggo", "Wren", "Ximena", "Yara", "Yusuf",
    "Zain", "Zara", "Zeno", "Zora",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Alder", "Amsel", "Arbor", "Ashdown", "Birch", "Bramble", "Briar", "Brook", "Cairn", "Calder",
    "Cedar", "Cobalt", "Copper", "Corbel", "Dale", "Delta", "Dune", "Ember", "Fallow", "Fennel", "Fern",
    "Finch", "Flint", "Garnet", "Glade", "Granite", "Grove", "Hadley", "Harbor", "Hawthorn", "Hazel",
    "Heron", "Holm", "Indigo", "Juniper", "Kestrel", "Larch", "Linden", "Lumen", "Maple", "Marlow",
    "Meadow", "Merle", "Moss", "Nettle", "Oakes", "Onyx", "Orchard", "Osprey", "Pebble", "Quill", "Reed",
    "Ridge", "Rowan", "Sable", "Sedge", "Slate", "Sorrel", "Tarn", "Thistle", "Vale", "Willow", "Yarrow",
)  # fmt: skip
SCHOOLS = (
    "Harborview Academy", "Northgate School", "Cedar Valley School", "Lakeside Technical School",
    "Summit Ridge School", "Riverbend Academy", "Stonebridge School", "Meadowlark School",
)  # fmt: skip
TEAMS = (
    "Null Pointers", "Packet Pirates", "Root Cause", "Hash Browns", "Bit Shifters", "Stack Smashers",
    "Cipher Foxes", "Kernel Panic", "Firewall Finches", "Proxy Pandas", "Salted Owls", "Byte Bandits",
)  # fmt: skip
