"""Examples of searches, for the page that explains them: what to type, and what it finds."""

EXAMPLES = (
    ("static site", "both words, in any form"),
    ('"exactly this"', "these words in a row"),
    ("rust OR go", "one of them, or both"),
    ("database -mongo", "without a word"),
    ("tag:python,ask", "stories with one of these tags, and what is said about them"),
    ("user:mia", "what a person wrote"),
    ("domain:github.com", "stories from a web site, and what is said about them"),
    ("community:web", "in one community"),
    ("after:2026-01 before:2026-03-15", "from a day, month or year on; before it begins"),
    ("score>10", "with more points than that"),
    ("is:story", "or is:comment, is:person, is:tag"),
    ("is:link", "or is:text, is:own: stories of that kind"),
    ("database -domain:example.org", "without what fits an operator"),
)
