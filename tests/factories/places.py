"""Communities and tags."""

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.communities.models import Community, Tag, TagCategory
from tests.factories.people import NOW


class CommunityFactory(DjangoModelFactory[Community]):
    """A community without members; the same slug gives the same one again."""

    class Meta:
        model = Community
        django_get_or_create = ("slug",)

    slug = Sequence("place{}".format)
    name = LazyAttribute(lambda community: community.slug.title())
    created_at = NOW


class CategoryFactory(DjangoModelFactory[TagCategory]):
    """A category of tags; the same name gives the same one again."""

    class Meta:
        model = TagCategory
        django_get_or_create = ("name",)

    name = "Subjects"


class TagFactory(DjangoModelFactory[Tag]):
    """An active tag that does not change ranks; the same name gives the same one again."""

    class Meta:
        model = Tag
        django_get_or_create = ("name",)

    name = Sequence("tag{}".format)
    category = SubFactory(CategoryFactory)
