"""Takes the screenshots of ``explanations.md`` and ``reccot.md``; needs the extra ``browser``.

python docs/make_screenshot.py why.html
python docs/make_screenshot.py ratings.html ratings.png

The page is one that ``curec explain --output=why.html`` wrote; the second argument names the picture beside this file.
Chromium is looked for among the installed programs.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = "explanations.png"
SIZE = {"width": 1240, "height": 900}


def main() -> int:
    """Open the page, unfold its first item, and take the picture; 2 where there is no page or no browser."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if len(sys.argv) not in (2, 3) or not Path(sys.argv[1]).is_file() or chromium is None:
        sys.stderr.write("Give one file that `curec explain --output=why.html` wrote, where Chromium is installed.\n")
        return 2
    picture = Path(__file__).parent / Path((*sys.argv, PICTURE)[2]).name
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(Path(sys.argv[1]).resolve().as_uri())
        page.locator("summary").first.click()
        page.screenshot(path=picture)
        browser.close()
    sys.stdout.write(f"{picture}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
