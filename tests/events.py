"""Invented events, each as newspapers of several languages would tell it in their own words, and the day before them.

`before` are events of the same matter, with the same places, people and designations: other stories.
"""

from __future__ import annotations

#: By event and language: headline and text.
EVENTS: dict[str, dict[str, tuple[str, str]]] = {
    "ferry": {
        "en": (
            "Ferry Astrid Lind runs aground off Holmsund with 214 aboard",
            """
The ferry Astrid Lind ran aground on a reef off Holmsund early on Thursday with 214 people on board, the coast guard
said. Rescue boats took 187 passengers to the harbour of Ravnik within three hours, while 27 crew members stayed
behind to pump out water. Nine people were treated for bruises. Captain Joran Velde told the broadcaster NRT that the
steering had failed at 4.35 in the morning. The ship, built in 1998 and owned by Balto Lines, is 129 metres long and
had been inspected in March.
""",
        ),
        "fr": (
            "Un ferry s'échoue au large de Holmsund, 187 passagers évacués",
            """
Cent quatre-vingt-sept voyageurs, soit 187 personnes, ont été ramenés à terre jeudi matin après l'échouement de
l'Astrid Lind, un navire de la compagnie Balto Lines. L'accident s'est produit à 4h35 près de Holmsund. À bord se
trouvaient au total 214 personnes, dont 27 membres d'équipage restés pour pomper l'eau. Le commandant, Joran Velde,
met en cause une panne de gouvernail. Neuf blessés légers ont été soignés à Ravnik. Le bâtiment de 129 mètres datait
de 1998.
""",
        ),
        "ru": (
            "Паром «Астрид Линд» сел на мель у Хольмсунда",
            """
Утром в четверг у берегов Хольмсунда сел на мель паром «Астрид Линд» компании «Балто Лайнс». Как рассказали в
береговой охране, на борту находились 214 человек, из них 187 пассажиров доставили в порт Равник. Экипаж, 27 моряков,
остался откачивать воду. Капитан Йоран Вельде считает, что отказало рулевое управление. Судно длиной 129 метров
построено в 1998 году. За помощью к врачам обратились девять человек.
""",
        ),
        "ar": (
            "جنوح العبارة أستريد ليند قرب هولمسوند",
            """
قال خفر السواحل إن العبارة أستريد ليند جنحت صباح الخميس قبالة هولمسوند وعلى متنها ٢١٤ شخصا. ونقلت زوارق الإنقاذ ١٨٧
راكبا إلى ميناء رافنيك، بينما بقي ٢٧ من أفراد الطاقم لضخ المياه. ويبلغ طول السفينة التي بنيت عام ١٩٩٨ نحو ١٢٩ مترا.
وقال القبطان يوران فيلدي إن نظام التوجيه تعطل.
""",
        ),
        "de": (
            "Fähre läuft vor Holmsund auf Grund: 187 Passagiere gerettet",
            """
Vor Holmsund ist am frühen Donnerstagmorgen die Fähre Astrid Lind auf ein Riff gelaufen. Von den 214 Menschen an Bord
brachten Rettungsboote 187 nach Ravnik, die 27 Mitglieder der Besatzung blieben auf dem Schiff. Kapitän Joran Velde
sprach von einem Ausfall des Ruders. Neun Reisende wurden leicht verletzt. Das 129 Meter lange Schiff der Reederei
Balto Lines stammt aus dem Jahr 1998 und war erst im März geprüft worden.
""",
        ),
    },
    "bank": {
        "en": (
            "Kravia's central bank raises rates to 11.75% as crown slides",
            """
The National Bank of Kravia raised its key rate by 125 basis points to 11.75 percent on Wednesday, more than the 75
points that analysts had expected. Governor Selma Ardit said inflation, at 9.3 percent in October, was a danger to
households. The crown had lost 6.2 percent against the euro in a week and recovered to 38.41 after the decision. The
bank sold 842 million euros of its reserves to support the currency. Finance minister Tomas Hrell welcomed the step.
""",
        ),
        "fr": (
            "La Kravie relève son taux directeur à 11,75 %",
            """
Face à la chute de la couronne, qui avait cédé 6,2 % en une semaine, la Banque nationale de Kravie a frappé fort
mercredi : 125 points de base de plus, à 11,75 %. Les économistes tablaient sur 75 points. La gouverneure Selma Ardit
justifie ce choix par une inflation de 9,3 %. L'institution a aussi vendu 842 millions d'euros de réserves. La monnaie
s'échangeait ensuite à 38,41 pour un euro. Le ministre Tomas Hrell a salué la décision.
""",
        ),
        "ru": (
            "Центробанк Кравии поднял ставку до 11,75%",
            """
Национальный банк Кравии в среду повысил ключевую ставку сразу на 125 базисных пунктов, до 11,75%. Аналитики ждали 75
пунктов. По словам главы банка Сельмы Ардит, инфляция в 9,3% опасна для населения. За неделю крона подешевела на 6,2%,
регулятор продал 842 млн евро из резервов, и курс вернулся к 38,41 за евро. Министр финансов Томас Хрелль поддержал
решение.
""",
        ),
        "ar": (
            "بنك كرافيا المركزي يرفع الفائدة إلى ١١٫٧٥ بالمئة",
            """
رفع البنك الوطني في كرافيا سعر الفائدة الرئيسي يوم الأربعاء ١٢٥ نقطة أساس إلى ١١٫٧٥ بالمئة، وهو أكثر من ٧٥ نقطة توقعها
المحللون. وقالت المحافظة سلمى أرديت إن التضخم البالغ ٩٫٣ بالمئة خطر على الأسر. وباع البنك ٨٤٢ مليون يورو من احتياطياته
بعد أن فقدت الكرونة ٦٫٢ بالمئة في أسبوع، ثم بلغ سعرها ٣٨٫٤١ لليورو.
""",
        ),
        "de": (
            "Kravias Notenbank hebt den Leitzins auf 11,75 Prozent",
            """
Mit einem Schritt von 125 Basispunkten auf 11,75 Prozent hat die Nationalbank von Kravia am Mittwoch die Märkte
überrascht; erwartet worden waren 75 Punkte. Gouverneurin Selma Ardit verwies auf die Inflation von 9,3 Prozent. Um
die Krone zu stützen, die binnen einer Woche 6,2 Prozent verloren hatte, verkaufte die Bank 842 Millionen Euro. Der
Kurs erholte sich auf 38,41 je Euro. Finanzminister Tomas Hrell begrüßte den Schritt.
""",
        ),
    },
    "raid": {
        "en": (
            "Norland says it downed 63 of 71 Vesk drones over Tarnow",
            """
Norland's air force said it shot down 63 of 71 Vesk-3 drones launched overnight at the city of Tarnow. Debris fell on
a school in the Lipova district and injured 14 people, mayor Irena Dolan said. Power was cut to 48,700 homes.
Ardenia's ministry of defence said it had aimed at the airfield of Skarvik, where F-16 jets are based. Four Kh-59
missiles were also fired. General Pavo Rennick called it the largest raid since August.
""",
        ),
        "fr": (
            "Norlande : 71 drones lancés sur Tarnow, 14 blessés",
            """
Quatorze personnes (14) ont été blessées dans le quartier de Lipova, à Tarnow, après une nuit d'attaques. Selon
l'armée de l'air norlandaise, 63 des 71 appareils Vesk-3 ont été abattus, ainsi que des missiles Kh-59. La maire Irena
Dolan fait état de 48 700 foyers privés d'électricité. L'Ardénie affirme avoir visé la base de Skarvik et ses F-16.
Pour le général Pavo Rennick, c'est le raid le plus important depuis août.
""",
        ),
        "ru": (
            "Над Тарновом сбиты 63 беспилотника",
            """
В ночь на пятницу город Тарнов атаковал 71 беспилотник «Веск-3», 63 из них, по данным ВВС Норландии, сбиты. Обломки
упали на школу в районе Липова, пострадали 14 человек, сообщила мэр Ирена Долан. Без света остались 48 700 домов.
Министерство обороны Ардении утверждает, что целью был аэродром Скарвик, где стоят F-16. Выпущены также ракеты Х-59.
Генерал Паво Ренник назвал налёт крупнейшим с августа.
""",
        ),
        "de": (
            "71 Drohnen auf Tarnow: Norland meldet 63 Abschüsse",
            """
Trümmer abgeschossener Drohnen haben in Tarnow eine Schule getroffen und 14 Menschen verletzt. Nach Angaben der
Luftwaffe von Norland wurden 63 von 71 Vesk-3 abgefangen, dazu Marschflugkörper vom Typ Kh-59. Bürgermeisterin Irena
Dolan sprach von 48.700 Haushalten ohne Strom. Ardenia will den Flugplatz Skarvik angegriffen haben, auf dem F-16
stehen. General Pavo Rennick nannte es den schwersten Angriff seit August.
""",
        ),
    },
    "raid before": {
        "en": (
            "Two killed as Ardenia hits Tarnow depot with Kh-59 missiles",
            """
Two people were killed when Kh-59 missiles hit a fuel depot in Tarnow on Tuesday, mayor Irena Dolan said. Norland's
air force shot down 22 of 31 Vesk-3 drones. Fire crews of 140 people fought the blaze at Skarvik road for nine hours.
General Pavo Rennick said F-16 jets had taken off from Skarvik. Ardenia's ministry of defence did not comment. Power
was back in 5,300 homes by noon.
""",
        ),
        "ru": (
            "В Тарнове после удара горит нефтебаза",
            """
Во вторник ракеты Х-59 попали в нефтебазу в Тарнове, погибли два человека, сообщила мэр Ирена Долан. ВВС Норландии
сбили 22 из 31 беспилотника «Веск-3». Пожар тушили 140 человек. Генерал Паво Ренник рассказал, что с аэродрома Скарвик
поднимались F-16. В Минобороны Ардении не комментируют. К полудню свет вернули в 5300 домов.
""",
        ),
        "fr": (
            "Norlande : un dépôt de carburant en feu à Tarnow",
            """
Deux morts : c'est le bilan donné par la maire de Tarnow, Irena Dolan, après la frappe de missiles Kh-59 mardi sur un
dépôt de carburant. L'armée de l'air dit avoir abattu 22 des 31 Vesk-3. Quelque 140 pompiers sont intervenus. Les F-16
de Skarvik ont décollé, selon le général Pavo Rennick. À midi, 5 300 foyers avaient retrouvé le courant. L'Ardénie se
tait.
""",
        ),
    },
    "bank before": {
        "en": (
            "Kravia's central bank holds rates at 10.5%",
            """
The National Bank of Kravia left its key rate at 10.5 percent on Wednesday, as all 17 analysts polled had expected.
Governor Selma Ardit said inflation of 8.9 percent in September would peak soon. The crown was little changed at 36.12
to the euro. Finance minister Tomas Hrell said the budget gap was 3.4 percent. The bank has 12,618 million euros of
reserves.
""",
        ),
        "de": (
            "Kravias Notenbank lässt den Leitzins bei 10,5 Prozent",
            """
Die Nationalbank von Kravia hat am Mittwoch wie von allen 17 befragten Volkswirten erwartet nichts geändert: Der
Leitzins bleibt bei 10,5 Prozent. Die Inflation von 8,9 Prozent werde bald sinken, sagte Gouverneurin Selma Ardit. Die
Krone notierte bei 36,12 je Euro. Die Reserven betragen 12.618 Millionen Euro. Finanzminister Tomas Hrell sprach von
einem Defizit von 3,4 Prozent.
""",
        ),
    },
}
