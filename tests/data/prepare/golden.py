"""Small raw files of every format, written by hand, with the atomic files that must come of them, byte by byte."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """Raw files and what becomes of them.

    Attributes:
        source: The source.
        reviews: Name and text of the file of reviews.
        inter: The interaction file; ``|`` stands for a tab.
        items: Name and text of the metadata file.
        item: The item file.
        tags, authors: Text of further files.
        options: Options of the source.
        encoding: Encoding of the raw files.
        next: What the command that comes next begins with, after the program.
        counts: Some of the counts.
    """

    source: str
    reviews: tuple[str, str]
    inter: str
    items: tuple[str, str] | None = None
    item: str = ""
    tags: str | None = None
    authors: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    encoding: str = "utf-8"
    next: str = "--model=CURec"
    counts: dict[str, Any] = field(default_factory=dict)


_TEXTS = "user_id:token|item_id:token|rating:float|timestamp:float|summary:token_seq|review:token_seq\n"
_RATED = "user_id:token|item_id:token|rating:float|timestamp:float\n"

AMAZON_2014 = Case(
    "amazon",
    ("reviews_Toys_5.json.gz", """\
{"reviewerID": "A2", "asin": "0001", "helpful": [0, 0], "reviewText": "Fine\\tkite,<br />flies \\"high\\".", "overall": 4.0, "summary": "It's &quot;ok&quot;", "unixReviewTime": 1400000000, "reviewTime": "05 13, 2014"}
{"reviewerID": "A1", "asin": "0002", "helpful": [1, 2], "reviewText": "", "overall": 1.0, "summary": "No", "unixReviewTime": 1300000000, "reviewTime": "03 13, 2011"}
"""),
    _TEXTS + "A1|0002|1|1300000000|No|\nA2|0001|4|1400000000|It's 'ok'|Fine kite, flies 'high'.\n",
    ("meta_Toys.json.gz", """\
{'asin': '0001', 'title': "Bob's Kite &amp; Line", 'price': 9.99, 'brand': 'Kites', 'salesRank': {'Toys': 3}, 'categories': [['Toys & Games', 'Kites'], ['Sports', 'Kites']], 'description': 'Flies.'}
{'asin': '0009', 'title': 'Nobody has it'}
"""),
    "item_id:token|title:token_seq|brand:token|category:token|description:token_seq\n"
    '0001|Bob\'s Kite & Line|Kites|["Toys & Games", "Kites", "Sports"]|Flies.\n0002||||\n',
    next="--model=RecCoT",
    counts={"empty_reviews": 1, "texts_with_html": 1, "metadata_of_items_without_a_review": 1},
)  # fmt: skip

AMAZON_2018 = Case(
    "amazon",
    ("Toys_5.json", """\
{"overall": 5.0, "vote": "2", "verified": true, "reviewTime": "01 5, 2018", "reviewerID": "A1", "asin": "B1", "style": {"Color:": " Red"}, "reviewerName": "X", "reviewText": "Loved it", "summary": "Five Stars", "unixReviewTime": 1515110400}
{"overall": 3.0, "verified": false, "reviewTime": "01 5, 2018", "reviewerID": "A1", "asin": "B2", "unixReviewTime": 1515110400}
"""),
    _TEXTS + "A1|B1|5|1515110400|Five Stars|Loved it\nA1|B2|3|1515110400||\n",
    ("meta_Toys.json", """\
{"category": ["Toys", "Puzzles", "</span></span></span>"], "tech1": "", "description": ["First <b>bold</b> part.", "Second."], "title": "Puzzle", "brand": "Ravens", "feature": ["1000 pieces"], "rank": "5 in Toys", "also_buy": ["B9"], "asin": "B2"}
"""),
    "item_id:token|title:token_seq|brand:token|category:token|description:token_seq\n"
    'B1||||\nB2|Puzzle|Ravens|["Toys", "Puzzles"]|First bold part. Second.\n',
    next="--model=RecCoT",
    counts={"reviews_without_own_time": 2, "ratings": {"3": 1, "5": 1}},
)  # fmt: skip

AMAZON_2023 = Case(
    "amazon",
    ("Toys.jsonl.gz", """\
{"rating": 5.0, "title": "Great", "text": "Works", "images": [], "asin": "B1-red", "parent_asin": "B1", "user_id": "AE2", "timestamp": 1588687728923, "helpful_vote": 0, "verified_purchase": true}
{"rating": 2.0, "title": "Bad", "text": "Broke", "images": [], "asin": "B1", "parent_asin": "B1", "user_id": "AE1", "timestamp": 1588687728900, "helpful_vote": 1, "verified_purchase": true}
"""),
    _TEXTS + "AE1|B1|2|1588687728.9|Bad|Broke\nAE2|B1|5|1588687728.923|Great|Works\n",
    ("meta_Toys.jsonl", """\
{"main_category": "Toys & Games", "title": "Robot", "average_rating": 4.1, "rating_number": 12, "features": ["Walks"], "description": ["A robot."], "price": "12.99", "store": "Botworks", "categories": [], "details": {}, "parent_asin": "B1"}
"""),
    "item_id:token|title:token_seq|brand:token|category:token|description:token_seq\n"
    'B1|Robot|Botworks|["Toys & Games"]|A robot.\n',
    next="--model=RecCoT",
)  # fmt: skip

MOVIELENS_100K = Case(
    "movielens",
    ("u.data", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n22\t242\t1\t878887116\n"),
    _RATED + "22|242|1|878887116\n196|242|3|881250949\n186|302|3|891717742\n",
    ("u.item", """\
242|Misérables, Les (1995)|01-Jan-1995||http://us.imdb.com/M/x|0|0|0|0|0|0|0|0|1|0|0|0|1|0|0|0|0|0|0
302|unknown||||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0
"""),
    'item_id:token|title:token_seq|year:token|category:token\n242|Misérables, Les|1995|["Drama", "Musical"]\n'
    "302|unknown||\n",
    encoding="latin-1",
    counts={"ratings": {"1": 1, "3": 2}},
)  # fmt: skip

MOVIELENS_1M = Case(
    "movielens",
    ("ratings.dat", "1::1193::5::978300760\n1::661::3.5::978302109\n2::1193::4::978298413\n"),
    "user_id:token|item_id:token|rating:float|timestamp:float|tags:token\n"
    '2|1193|4|978298413|["dark", "must see"]\n1|1193|5|978300760|\n1|661|3.5|978302109|["\'musical\'"]\n',
    ("movies.dat", "661::James and the Giant Peach (1996)::Animation|Children's\n1193::Café::Drama\n"),
    "item_id:token|title:token_seq|year:token|category:token\n1193|Café||[\"Drama\"]\n"
    "661|James and the Giant Peach|1996|[\"Animation\", \"Children's\"]\n",
    tags='2::1193::must see::978298500\n2::1193::dark::978298499\n2::1193::dark::978298600\n1::661::"musical"::1\n9::661::other::1\n',
    encoding="latin-1",
    counts={"tags_read": 5, "tags": 4, "tags_without_interaction": 1},
)  # fmt: skip

MOVIELENS_LATEST = Case(
    "movielens",
    ("ratings.csv", "userId,movieId,rating,timestamp\r\n1,296,5.0,1147880044\r\n1,306,3.5,1147868817\r\n"),
    "user_id:token|item_id:token|rating:float|timestamp:float|tags:token\n"
    '1|306|3.5|1147868817|["classic, old"]\n1|296|5|1147880044|\n',
    ("movies.csv", 'movieId,title,genres\r\n296,"Story, A ""True"" One (2006\u20132010) ",Comedy|Sci-Fi\r\n'
     "306,Babylon 5,(no genres listed)\r\n"),
    "item_id:token|title:token_seq|year:token|category:token\n"
    "296|Story, A 'True' One|2006|[\"Comedy\", \"Sci-Fi\"]\n306|Babylon 5||\n",
    tags='userId,movieId,tag,timestamp\r\n1,306,"classic, old",1147868900\r\n',
)  # fmt: skip

YELP = Case(
    "yelp",
    ("yelp_academic_dataset_review.json", """\
{"review_id":"r1","user_id":"u-_1","business_id":"b1","stars":5.0,"useful":0,"funny":0,"cool":0,"text":"Nice\\n\\nplace","date":"2018-07-07 22:09:11"}
{"review_id":"r2","user_id":"u2","business_id":"b1","stars":1.0,"useful":0,"funny":0,"cool":0,"text":"Cold","date":"2012-01-03"}
"""),
    "user_id:token|item_id:token|rating:float|timestamp:float|review:token_seq\n"
    "u2|b1|1|1325548800|Cold\nu-_1|b1|5|1531001351|Nice place\n",
    ("yelp_academic_dataset_business.json", """\
{"business_id":"b1","name":"Joe's \\"Grill\\"","address":"","city":"Tucson","state":"AZ","stars":3.0,"review_count":2,"is_open":1,"attributes":{"WiFi":"u'no'"},"categories":"Restaurants, Bars , Nightlife","hours":null}
"""),
    'item_id:token|title:token_seq|city:token|category:token\nb1|Joe\'s \'Grill\'|Tucson|["Restaurants", "Bars", "Nightlife"]\n',
    next="--model=RecCoT",
)  # fmt: skip

STEAM = Case(
    "steam",
    ("steam_reviews.json.gz", """\
{u'username': u'The "Bob"', u'hours': 0.1, u'products': 2, u'product_id': u'725280', u'page_order': 0, u'date': u'2017-12-17', u'text': u'Short & fun', u'early_access': False, u'page': 1}
{u'username': u' 100% ', u'product_id': u'725280', u'date': u'2015-01-02', u'text': u'', u'found_funny': 1}
"""),
    "user_id:token|item_id:token|timestamp:float|review:token_seq|hours:float\n"
    "%20100%25%20|725280|1420156800||\nThe %22Bob%22|725280|1513468800|Short & fun|0.1\n",
    ("steam_games.json.gz", """\
{u'publisher': u'Big', u'genres': [u'Action', u'Indie'], u'app_name': u'Ragna & Co', u'title': u'Ragna', u'url': u'http://x/app/725280/', u'release_date': u'2018-01-04', u'tags': [u'Strategy', u'Action'], u'price': 4.99, u'early_access': False, u'id': u'725280', u'developer': u'Small'}
{u'title': u'No id', u'app_name': u'No id', u'genres': [u'RPG'], u'release_date': u'Soon..'}
"""),
    "item_id:token|title:token_seq|year:token|brand:token|category:token\n"
    '725280|Ragna & Co|2018|Small|["Action", "Indie"]\n',
    counts={"metadata_without_id": 1, "metadata_of_items_without_a_review": 0},
)  # fmt: skip

_GOODREADS_BOOKS = ("goodreads_books.json.gz", """\
{"isbn": "", "text_reviews_count": "7", "popular_shelves": [{"count": "100", "name": "to-read"}, {"count": "40", "name": "science-fiction"}, {"count": "1", "name": "sams-shelf"}], "average_rating": "3.9", "description": "Space.", "authors": [{"author_id": "604031", "role": ""}, {"author_id": "5", "role": "Translator"}], "publisher": "Ace", "publication_year": "1984", "book_id": "5333", "title": "Best &amp; Last", "title_without_series": "Best"}
""")  # fmt: skip

GOODREADS_REVIEWS = Case(
    "goodreads",
    ("goodreads_reviews_dedup.json.gz", """\
{"user_id": "8842", "book_id": "5333", "review_id": "x", "rating": 5, "review_text": "Mind <i>blown</i>", "date_added": "Tue Mar 04 10:58:55 -0800 2014", "date_updated": "Wed Mar 22 11:37:04 -0700 2017", "read_at": "", "started_at": "", "n_votes": 16, "n_comments": 0}
{"user_id": "8843", "book_id": "5333", "review_id": "y", "rating": 0, "review_text": "Will read", "date_added": "Mon Jan 06 00:00:00 +0100 2014", "date_updated": "", "read_at": "", "started_at": "", "n_votes": 0, "n_comments": 0}
"""),
    "user_id:token|item_id:token|rating:float|timestamp:float|review:token_seq\n8842|5333|5|1393959535|Mind blown\n",
    _GOODREADS_BOOKS,
    "item_id:token|title:token_seq|year:token|author:token|brand:token|description:token_seq\n"
    '5333|Best & Last|1984|["A. Writer"]|Ace|Space.\n',
    authors='{"average_rating": "3.98", "author_id": "604031", "text_reviews_count": "7", "name": "A. Writer", "ratings_count": "49"}\n',
    next="--model=RecCoT",
    counts={"unrated_dropped": 1},
)  # fmt: skip

GOODREADS_INTERACTIONS = Case(
    "goodreads",
    ("goodreads_interactions_poetry.json.gz", """\
{"user_id": "8842", "book_id": "5333", "review_id": "x", "is_read": true, "rating": 4, "review_text_incomplete": "Mi...", "date_added": "Tue Mar 04 10:58:55 -0800 2014", "date_updated": "Wed Mar 22 11:37:04 -0700 2017", "read_at": "", "started_at": ""}
"""),
    _RATED + "8842|5333|4|1393959535\n",
    _GOODREADS_BOOKS,
    "item_id:token|title:token_seq|year:token|brand:token|category:token|description:token_seq\n"
    '5333|Best & Last|1984|Ace|["science fiction"]|Space.\n',
    options={"crowd_labels": True},
)  # fmt: skip

GOODREADS_TABLE = Case(
    "goodreads",
    ("goodreads_interactions.csv", "user_id,book_id,is_read,rating,is_reviewed\n0,948,1,5,0\n0,947,1,0,1\n1,948,1,3,0\n"),
    "user_id:token|item_id:token|rating:float\n0|948|5\n1|948|3\n",
    item="item_id:token\n948\n",
    next="--model=CURecGeneral --recommend.fusion=none",
)  # fmt: skip

TABLE_CSV = Case(
    "table",
    ("mine.csv", 'uid;pid;ts;stars;said\nb;7;2020-01-02 00:00:10;3;"two\nlines; ""q"""\na;7;2020-01-02;;none\n007;8;2019-12-31;4;\n'),
    "user_id:token|item_id:token|rating:float|timestamp:float|review:token_seq\n"
    "007|8|4|1577750400|\na|7||1577923200|none\nb|7|3|1577923210|two lines; 'q'\n",
    ("items.tsv", "pid\tname\tgenres\n7\tSeven \"7\"\tDrama|War\n8\tEight\tWar\n9\tNine\tDrama|Noir\n"),
    'item_id:token|title:token_seq|category:token\n7|Seven \'7\'|["Drama", "War"]\n8|Eight|["War"]\n',
    options={
        "columns": "user=uid, item=pid, rating=stars, time=ts, review=said",
        "item_columns": "item=pid,title=name,category=genres",
        "unrated": "keep",
    },
    counts={"reviews_without_rating": 1},
)  # fmt: skip

TABLE_WITHOUT_HEADER = Case(
    "table",
    ("ratings_Toys.csv", "A1,B1,5.0,1500000000500\nA2,B1,1.0,1400000000000\n"),
    _RATED + "A2|B1|1|1400000000\nA1|B1|5|1500000000.5\n",
    item="item_id:token\nB1\n",
    options={"columns": "user=1,item=2,rating=3,time=4", "header": False, "time_unit": "ms"},
    next="--model=CURec --recommend.fusion=none",
)

TABLE_JSON = Case(
    "table",
    ("mine.jsonl", '{"u": 1, "i": "x", "t": 20}\n{"u": 2, "i": "x", "t": 10, "txt": "Ok"}\n'),
    "user_id:token|item_id:token|timestamp:float|review:token_seq\n2|x|10|Ok\n1|x|20|\n",
    ("items.jsonl", '{"i": "x", "labels": ["A, B", "C"], "about": ["One.", "Two."]}\n'),
    'item_id:token|category:token|description:token_seq\nx|["A, B", "C"]|One. Two.\n',
    options={"columns": "user=u,item=i,time=t,review=txt", "item_columns": "item=i,category=labels,description=about"},
)  # fmt: skip

CASES = {name: case for name, case in vars().copy().items() if isinstance(case, Case)}
