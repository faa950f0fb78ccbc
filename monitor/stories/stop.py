"""The words that a headline may share with any other, in the languages of most feeds.

It must not hold words that say what happened, nor grow into a dictionary: rare words need no list.
"""

from __future__ import annotations

STOP_WORDS = frozenset(
    """
    a an the of to in on for and or with at by from is are was were be been as it its his her hers their
    them this that these those after before over under up out off new more most how what who why when
    where he she they you your we our us i my me not no but if so than then about into will would can
    could may might must should has have had do does did says say said tell tells told amid vs via just
    le la les l un une des du de d et en au aux dans sur pour par avec sans que qui quoi dont ou où est
    sont était ont a été être il elle ils elles on nous vous se sa son ses leur leurs ce cet cette ces
    plus pas ne n s qu c y après avant selon entre fait faire dit der die das den dem des ein eine einen
    einem einer eines und oder in im ins an am auf aus bei beim mit nach von vom vor zu zum zur über
    unter für durch gegen ohne um als wie ist sind war waren wird werden wurde hat haben nicht auch sich
    es er sie wir ihr nur noch mehr so sein seine ihre dass was wer el los las lo al del una unos unas y
    o u e en con por para sin sobre entre tras desde hasta que como más muy su sus se es son fue ser
    está están ha han no ya pero este esta estos estas le les si il gli i uno della delle dello degli
    dei dal dalla nel nella nei sul sulla con per tra fra che chi come più anche non sono è era ha hanno
    si suo sua loro ma ed di da o os um uma uns umas do da dos das no na nos nas em ao aos à às com por
    para sem sobre que como mais não são foi ser está seu sua seus suas se mas pelo pela и в во на с со
    к ко о об от до по из за у не ни что как это его ее её их он она они мы вы но или для при после
    перед над под без же бы был была было были будет может уже еще ещё из-за также только чем кто где
    когда і й та у в на з із зі до від за по про не що як це його її їх він вона вони ми ви але або для
    при після w we z ze na do od po za o u i a oraz lub ale nie to jest są był była było się że jak co
    dla przez przed nad pod czy jego jej ich już tylko het een van op te met voor door niet ook zijn was
    er aan bij naar om uit tot over dat die als dan maar heeft och att det som en ett på av med för till
    inte är den har om från ve bir bu için ile de da ne olarak olan daha çok en gibi kadar sonra في من
    على إلى الى عن مع أن ان إن هذا هذه ذلك التي الذي بعد قبل بين كل لا ما لم لن هو هي كان كانت قال و او
    أو در از به با که را این آن برای تا یک هم بر است شد می و یا של את על עם לא כי זה גם או אל הוא היא כל
    का की के में से को है पर और ने यह था
    """.split()  # noqa: SIM905 - three hundred quoted words could not be read
)
