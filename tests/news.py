"""Twenty-five invented stories about drones, each of another event, for tests that need many alerts.

It holds no expectation of what is told of them.
"""

from __future__ import annotations

_EVENTS = (
    ("Harbour of Halden closed after sightings", "Captain Rosa Ostrow", "oil terminal", "fish rotted in warehouses"),
    ("Kite cup goes to bakers of Lindow", "Baker Emil Farrow", "village green", "flour prices doubled this spring"),
    ("Merrow police buy quiet motors", "Inspector Ada Quill", "police yard", "cyclists complained of night patrols"),
    ("Vineyards sprayed from above in Castell", "Grower Hugo Verne", "southern slopes", "mildew returned in August"),
    ("Film crew banned from Tarn gorge", "Director Lena Voss", "eagle nests", "rangers counted nine broken eggs"),
    ("Hospital tries deliveries by air", "Doctor Samuel Okoro", "blood bank", "bridges flood each November"),
    ("Prison wall no obstacle for smugglers", "Warden Ines Calloway", "exercise court", "phones sold at auction"),
    ("Students build swarm for light show", "Professor Kenji Arai", "stadium roof", "fireworks were too dear"),
    ("Army exercise Grey Heron begins", "Colonel Piotr Malek", "Sarn heath", "farmers moved four hundred sheep"),
    ("Insurers raise rates for rooftops", "Actuary Nora Pell", "glass facades", "courts heard sixty claims"),
    ("Lighthouse inspected without a ladder", "Keeper Tom Garrick", "Skerry rock", "mortar crumbled in salt"),
    ("Wedding guests flee falling machine", "Bride Carla Menotti", "castle terrace", "cake landed in a fountain"),
    ("Forest fire found by night flight", "Ranger Oskar Lund", "pine ridge", "lightning struck an old mast"),
    ("Museum maps a buried city", "Curator Leila Haddad", "salt desert", "walls drew shadows at dawn"),
    ("Airport runway shut for ninety minutes", "Controller Bram Visser", "runway two", "travellers slept in chapels"),
    ("Parliament debates a flight tax", "Minister Greta Holm", "finance committee", "hobbyists marched with kites"),
    ("Whales counted from the sky", "Biologist Mateo Ruiz", "Cold Bay", "krill moved north by a degree"),
    ("Thieves scout villas before dawn", "Detective June Abara", "lake quarter", "dogs barked at nothing"),
    ("Power line icing measured remotely", "Engineer Paul Drozd", "Kamen pass", "villages lost heating twice"),
    ("Race league signs a broadcaster", "Manager Yuki Sato", "velodrome", "tickets sold out by noon"),
    ("Border river watched around the clock", "Commander Elif Demir", "reed islands", "smugglers drowned a tractor"),
    ("Bees confused by humming rotors", "Beekeeper Anton Weiss", "lime avenue", "honey tasted of smoke"),
    ("Factory of gliders burns down", "Fire chief Olga Petrenko", "paint shop", "insulation was fifty years old"),
    ("School bans toys above the yard", "Head teacher Mary Flint", "playground", "a window fell into the soup"),
    ("Avalanche dog teams get company", "Guide Luca Ferri", "Monte Alto", "snow lay three metres deep"),
)

ARTICLES: tuple[tuple[str, str], ...] = tuple(
    (
        title,
        f"{title}. {person} said on Sunday that drones were at the {place}, {11 + 7 * number} of them in all. "
        f"People there tell that {detail}. The {place} will be the subject of a hearing in {number + 2} weeks, "
        f"where {person} is to speak. Nobody else wanted to comment when asked about the {place}.",
    )
    for number, (title, person, place, detail) in enumerate(_EVENTS)
)
