"""Words by what they claim: strength, popularity, numbers, opinions and the like; and words that claim nothing.

A reason may use only words listed here and names and labels of its evidence. Whatever else it says has no fact behind
it, so any other word is a claim of its own. Several words that are read as one are joined by ``_``.
"""

from __future__ import annotations

from recbole_curec.data.evidence import Level
from recbole_curec.reasons.claims.neutral_words import NEUTRAL
from recbole_curec.reasons.claims.phrases import HARMLESS_PHRASES
from recbole_curec.reasons.claims.popularity_phrases import LESSER_KNOWN_PHRASES, POPULAR_PHRASES, VERY_POPULAR_PHRASES
from recbole_curec.reasons.claims.strength_phrases import FAIR_PHRASES, STRONG_PHRASES, WEAK_PHRASES
from recbole_curec.reasons.claims.taking_phrases import OWNED_PHRASES, TAKING_PHRASES, TASTE_PHRASES


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def _levels(*, strong: str, fair: str, weak: str) -> dict[str, Level]:
    levels: dict[str, Level] = {}
    for word in strong.split():
        levels[word] = "strong"
    for word in fair.split():
        levels[word] = "fair"
    for word in weak.split():
        levels[word] = "weak"
    return levels


# How often or how much, in clauses about the user or other users.
FREQUENCY = _levels(
    strong="again_and_again "
    "always constant nearly_always almost_always invariably mostly most all every everyone everybody "
    "consistently constantly whenever keep keeps kept keen_on obsessed heavily exclusively only primarily mainly "
    "especially particularly above_all deeply truly best invariable inevitably certainly strongly love loves "
    "adore adores passion passionate devoted favourite favourites favorite favorites big huge avid greatest top strong "
    "dominate dominates dominated dominating revolves",
    fair="often frequent regular usual usually frequently commonly regularly typically generally many plenty tend "
    "tends lean leans leaning prefer prefers preferred preference fond repeatedly normally largely much lots "
    "a_lot lot fair quite clear clearly really thing cup_of_tea so_much",
    weak="sometimes some occasionally occasional a_little a_few now_and_then at_times somewhat few little bit a_bit "
    "weak slight slightly once_in_a_while loosely weakly mild mildly",
)
FREQUENCY |= dict.fromkeys(STRONG_PHRASES, "strong")
FREQUENCY |= dict.fromkeys(FAIR_PHRASES, "fair")
FREQUENCY |= dict.fromkeys(WEAK_PHRASES, "weak")
# How good a match is, before the word "match", "fit" or "similar".
CLOSENESS = _levels(
    strong="close perfect strong exact ideal near excellent very highly extremely closest closely remarkably great "
    "best nearly identical strikingly deeply tight amazing",
    fair="fair good decent solid reasonable fairly quite nice pretty rather",
    weak="loose looser weak slight distant loosely slightly somewhat vaguely faint",
)
# How widely an item is taken: -1 lesser known, 1 popular, 2 very popular, 3 more than any fact says.
POPULARITY: dict[str, int] = dict.fromkeys(
    word_set(
        "most_popular favourite_of_many chart-topping most_watched most_read most_bought most_seen most_loved "
        "most_chosen most_played most_picked most_taken most_viewed most_purchased most_famous most-watched most-read "
        "most-loved best-loved best_loved number_one"
    ),
    3,
)
POPULARITY |= dict.fromkeys(
    word_set(
        "very_popular hugely_popular extremely_popular incredibly_popular immensely_popular wildly_popular "
        "highly_popular super_popular widely_popular so_popular blockbuster best-selling bestselling bestseller "
        "best-seller smash phenomenon iconic sensation ubiquitous massively_popular really_popular very_well_known "
        "known_to_everyone known_to_all very_widely_taken exceptionally_popular wide_popularity broad_popularity "
        "huge_popularity great_popularity immense_popularity enormous_popularity high_popularity strong_popularity"
    ),
    2,
)
POPULARITY |= dict.fromkeys(
    word_set(
        "popular popularity known_to_many best_known best-known well_known well-known widely_taken widely_known "
        "famous hit mainstream crowd-pleaser crowd-pleasing in_demand sought-after trending fashionable "
        "commonly_taken widely_watched widely_loved crowd_pleaser favourite_among favorite_among fan_favourite "
        "fan_favorite fan-favorite fan-favourite renowned legendary widespread quite_popular fairly_popular "
        "well-loved celebrated"
    ),
    1,
)
POPULARITY |= dict.fromkeys(
    word_set(
        "few_have_heard_of few_know few_people_know a_little_known lesser_known lesser-known less_known little_known "
        "little-known obscure niche hidden_gem underrated overlooked rare unknown under_the_radar less_popular "
        "unpopular forgotten undiscovered less_common not_well_known rarely_taken off_the_beaten_path lesser "
        "under-the-radar not_popular lesser_popular underappreciated unsung not_widely_known seldom_taken"
    ),
    -1,
)
POPULARITY |= dict.fromkeys(VERY_POPULAR_PHRASES, 2)
POPULARITY |= dict.fromkeys(POPULAR_PHRASES, 1)
POPULARITY |= dict.fromkeys(LESSER_KNOWN_PHRASES, -1)
NEGATIONS = word_set(
    "not no never nothing nobody none neither nor without hardly barely rarely seldom hate hates hated dislike "
    "dislikes disliked avoid avoids avoided despite unlike lack lacks lacking refuse refuses refused cannot nowhere "
    "instead except regret stopped stop quit against opposite contrary ignore ignored skip skipped reject rejected "
    "steer_clear_of steers_clear_of steering_clear_of stay_away_from stays_away_from staying_away_from keep_away_from "
    "keeps_away_from shy_away_from shies_away_from give_it_a_miss gives_it_a_miss turn_their_back_on "
    "turned_your_back_on pass_on passes_on passed_on passing_on tire_of tires_of gave_up_on give_up_on turn_down "
    "turned_down despise despises detest detests loathe loathes tired bored boring disappoint disappointed "
    "disappointing"
)
# "Hardly anyone leaves it out" says that nearly everyone takes it.
HARDLY, LEAVING_OUT = word_set("hardly barely rarely nobody none"), word_set("leave leaves skip skips miss misses")
# They deny nothing that a fact could hold.
HARMLESS_NEGATIONS = word_set(
    "no_doubt not_only can_not_go_wrong do_not_miss will_not_regret no_wonder can_not_miss why_not not_to_be_missed "
    "will_not_disappoint will_not_be_disappointed should_not_miss no_surprise must_not_miss"
)
RATINGS = word_set(
    "rated rate rates rating ratings star stars starred score scores scored thumbs grade graded ranked rank ranking "
    "five-star 5-star four-star top-rated highly-rated"
)
NUMBERS = word_set(
    "two three four five six seven eight nine ten eleven twelve twenty thirty fifty hundred hundreds thousand "
    "half quarter thousands million millions billion dozen dozens twice thrice percent numerous countless zero"
)
TIMES = word_set(
    "yesterday today tomorrow tonight week weeks weekend weekends month months year years decade decades century "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december summer winter spring autumn morning evening night nights afternoon holiday holidays "
    "christmas ago upcoming nowadays currently childhood era age ages modern contemporary vintage day days hour hours "
    "minute minutes moment recently lately"
)
PLACES = word_set(
    "home theater theatre theaters theatres cinema cinemas city town country countries village europe america "
    "american british french italian german japanese chinese english london paris york hollywood california africa "
    "asia australia canada india china japan france germany italy england usa uk world worldwide abroad street "
    "house school university college beach park office airport hotel restaurant store shop online local region "
    "place places space earth planet"
)
OPINIONS = word_set(
    "review reviews reviewed won win wins winning winner critic critics critically acclaimed acclaim award awards "
    "award-winning oscar oscars oscar-winning praised praise praises reviewers reviewer friend friends expert experts "
    "beloved admired favourably favorably consensus masterpiece cult well-regarded well-received reputation reputed "
    "esteemed reception opinion opinions agree agrees rave raves hyped cherished regarded respected hailed honoured "
    "honored voted"
)
# What any item is called.
ITEM_WORDS = word_set("film movie book title item product")
# What a label is: "Comedy, a genre you love".
LABEL_WORDS = word_set(
    "genre genres category categories kind kinds type types style styles brand brands year theme themes"
)
# Having the same fans.
SHARING = word_set("share shares shared sharing")
# Other people, as a subject.
OTHERS = word_set(
    "borrowers many_a_shopper many_a_viewer many_a_reader many_a_fan many_a_buyer many_a_listener many_a_player "
    "fans people viewers users others everyone everybody audiences audience lovers readers shoppers "
    "customers buyers owners purchasers admirers aficionados devotees players listeners moviegoers enthusiasts those "
    "folks anyone takers watchers members community crowd public crowds consumers critics reviewers they subscribers "
    "majority followers who friends folk whoever whomever anybody whosoever peers fanbase "
    "fanbases fandom fandoms followings supporters fanatics buffs connoisseurs cinephiles filmgoers film-goers "
    "movie-goers cinemagoers cinema-goers theatergoers theatregoers bookworms bibliophiles book-lovers gamers bingers "
    "viewership readership listenership clientele punters adherents adopters loyalists partakers renters downloaders "
    "hobbyists completists people's fan_base"
)
# One other person, as the writer of a statement about the target.
WRITERS = word_set("reviewer viewer buyer reader customer listener player shopper owner someone somebody")
ANOTHER = word_set("another one a")
WRITING = word_set("wrote writes written says said")
TAKING = (
    word_set(
        "take takes took taken taking choose chooses chose chosen choosing watch watches watched watching see sees "
        "saw seen seeing read reads reading play plays played playing buy buys bought buying pick picks picked "
        "picking get gets got try tries tried trying enjoy enjoys enjoyed enjoying like likes liked liking love loves "
        "loved loving purchase purchased purchases order ordered own owns owned use used uses select selects selected "
        "favour favours favoured favor favors favored prefer prefers preferred appreciate appreciates appreciated "
        "adore adores adored listen listened finish finished consume consumed go goes went grab grabbed explore "
        "explored add added seek seeks opt opts opted embrace embraced gravitate lean leans leaning have had "
        "experience experienced know knew view viewed include included follow followed pair pairs paired pairing rent "
        "rented collect collected visit visited coming_back_to come_back_to comes_back_to came_back_to return_to "
        "returning_to returns_to turn_to turning_to shop_for shops_for shopped_for shopping_for focus focused savor "
        "savour cherish cherished discover discovered crave craved sought sample sampled admire admired"
    )
    | TAKING_PHRASES
)
RECOMMENDING = word_set(
    "may might should would could will can must shall ought let lets why consider give try check with match matches "
    "matched matching similar resembles resemble alike akin fit fits pairs pair goes together alongside companion "
    "compares comparable related relates connects connected connection vein reminiscent recalls echoes complements "
    "complement follow-up successor like near closest close shares share likeness kin kindred accompanies suits link "
    "linked links tied associated beside parallel"
)
# A relation between two items.
RELATIONS = word_set(
    "with match matches matched matching similar resembles resemble alike akin fit fits pairs pair goes together "
    "alongside companion compares comparable related relates connects connected connection vein reminiscent recalls "
    "echoes complements complement follow-up successor like near closest close shares share likeness kin kindred "
    "accompanies suits link linked links tied associated beside parallel inseparable tie ties travels_with "
    "travel_with winds_up_with wind_up_with keeps_company_with keeps_close_company_with"
)
# "your ..." with one of these speaks of what the user took or favours.
OWN_TASTE = (
    word_set(
        "taste tastes interest interests love loves passion fondness preference preferences affinity appetite liking "
        "history list collection choices choice picks pick purchase selection selections favourite favourites "
        "favorite favorites enjoyment appreciation inclination habit habits leaning leanings enthusiasm watchlist "
        "viewing reading watching records record profile past library likes pattern patterns penchant purchases "
        "tendency shelf cart thing cup_of_tea wheelhouse preferred favoured favored"
    )
    | TASTE_PHRASES
)
# The user is said to want something, which no fact holds.
WISHES = word_set("would_prefer looking_for in_the_mood in_search_of craving wants need needs wish want hoping")
# Words that say how often an item was taken, which is known of attributes only.
HABITS = word_set(
    "always nearly_always almost_always invariably consistently constantly keep keeps kept often usually frequently "
    "commonly regularly typically generally repeatedly sometimes occasionally a_little mostly now_and_then "
    "again_and_again tend tends dominate dominates dominated"
)
# How often or how much an item was taken or liked is no fact.
HABITS |= FAIR_PHRASES | STRONG_PHRASES
_KINDS = (
    NEUTRAL, FREQUENCY, CLOSENESS, POPULARITY, OTHERS, TAKING, RECOMMENDING, RELATIONS, OWN_TASTE, HARMLESS_NEGATIONS,
    WISHES, HABITS, HARMLESS_PHRASES, OWNED_PHRASES,
)  # fmt: skip
# Every word that may stand in a reason without a claim of its own.
LISTED = frozenset().union(*_KINDS)
# Words for what people do and like, which say nothing of an item.
OF_PEOPLE = (STRONG_PHRASES | FAIR_PHRASES | WEAK_PHRASES | TAKING_PHRASES | TASTE_PHRASES).difference(
    NEUTRAL, HARMLESS_PHRASES, RELATIONS, CLOSENESS, POPULARITY
)
# Several words that are read as one, joined by ``_``.
PHRASES = frozenset(word for word in LISTED | NEGATIONS if "_" in word)
_SHORT_FORMS = {
    "'ve": ("have", "you we they i who would could should might must"),
    "'m": ("am", "i"),
    "'re": ("are", "you we they"),
    "'ll": ("will", "you it this that we they i who"),
    "'d": ("would", "you it we they i who that"),
    "'s": ("is", "it that this here there what who he she let one"),
    "n't": ("not", "do does did is are was were have has had would should could must need"),
}
CONTRACTIONS: dict[str, tuple[str, ...]] = {
    f"{word}{ending}": (word, whole) for ending, (whole, words) in _SHORT_FORMS.items() for word in words.split()
}
CONTRACTIONS |= {"can't": ("can", "not"), "won't": ("will", "not"), "cannot": ("can", "not")}
