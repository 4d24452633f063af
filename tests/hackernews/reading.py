"""Reads a whole site through a client library, whose only change is the address it asks: prints JSON."""

import json
import sys

from hackernews import HackerNews, settings


def main(address: str) -> None:
    settings.supported_api_versions["v0"] = address
    reader = HackerNews()
    lists = {
        "top": reader.top_stories(),
        "new": reader.new_stories(),
        "ask": reader.ask_stories(),
        "show": reader.show_stories(),
        "job": reader.job_stories(),
        "updates": reader.updates()["items"],
        "comments": [],
    }
    waiting = [number for story in lists["new"] for number in story.kids or []]
    while waiting:
        answers = reader.get_items_by_ids(waiting)
        lists["comments"] += answers
        waiting = [number for answer in answers for number in answer.kids or []]
    found = {name: [json.loads(item.raw) for item in items] for name, items in lists.items()}
    profiles = [json.loads(person.raw) for person in reader.updates()["profiles"]]
    sys.stdout.write(json.dumps({**found, "profiles": profiles, "max": reader.get_max_item()}))


if __name__ == "__main__":
    main(sys.argv[1])
