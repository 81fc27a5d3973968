"""Templates of reasons in other languages, planted to measure whether the check finds the wrong language."""

# ruff: noqa: RUF001 - other alphabets have letters that look like Latin ones

FOREIGN_SENTENCES: tuple[str, ...] = (
    # Latin script
    'Puede que le guste "{target}" porque los aficionados a "{name}" suelen elegirla.',
    '"{target}" le conviene: usted eligió "{name}", y los demás casi siempre hacen lo mismo.',
    '"{target}" wird Ihnen gefallen, weil Fans von "{name}" es fast immer nehmen.',
    'Da Sie oft zu "{name}" greifen, sollte Ihnen auch "{target}" gefallen.',
    'Vous aimerez "{target}" parce que les amateurs de "{name}" le prennent souvent.',
    'Comme vous avez choisi "{name}", essayez "{target}" : les deux vont presque toujours ensemble.',
    'Potrebbe piacerti "{target}" perché chi ama "{name}" lo prende quasi sempre.',
    'Você pode gostar de "{target}" porque os fãs de "{name}" costumam escolhê-lo.',
    'Je vindt "{target}" misschien leuk omdat fans van "{name}" het bijna altijd nemen.',
    'Du kanske gillar "{target}" eftersom de som väljer "{name}" nästan alltid tar den.',
    'Du vil måske synes om "{target}", for de fleste, der vælger "{name}", tager den også.',
    'Może ci się spodobać "{target}", ponieważ miłośnicy "{name}" prawie zawsze to wybierają.',
    '"{target}" hoşunuza gidebilir, çünkü "{name}" sevenler onu neredeyse her zaman alıyor.',
    'Anda mungkin menyukai "{target}" karena penggemar "{name}" hampir selalu mengambilnya.',
    'Pidät ehkä tästä: "{target}" kuuluu usein niille, jotka valitsevat teoksen "{name}".',
    'Bạn có thể thích "{target}" vì những người chọn "{name}" hầu như luôn chọn nó.',
    # English at the start, another language after it
    'You may like "{target}" porque los aficionados a "{name}" casi siempre la eligen cuando quieren pasar un buen '
    "rato en casa con amigos.",
    # other scripts
    '您可能会喜欢 "{target}"，因为喜欢 "{name}" 的人 几乎 总是 选择 它.',
    'あなたは "{name}" を 選んだ ので "{target}" も きっと 気に入る でしょう.',
    '"{name}" 을 고른 사람은 거의 항상 "{target}" 도 고르기 때문에 마음에 드실 것입니다.',
    'Вам может понравиться "{target}", потому что любители "{name}" почти всегда его выбирают.',
    'Ίσως σας αρέσει το "{target}", επειδή όσοι διαλέγουν το "{name}" το παίρνουν σχεδόν πάντα.',
    'قد يعجبك "{target}" لأن محبي "{name}" يختارونه دائما تقريبا.',
    'आपको "{target}" पसंद आ सकता है क्योंकि "{name}" के प्रशंसक इसे लगभग हमेशा चुनते हैं.',
)
