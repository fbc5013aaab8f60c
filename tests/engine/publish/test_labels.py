from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.publish.charts.labels import Box, place

PAGE = Box(0, 0, 400, 300)

points = st.lists(
    st.tuples(st.floats(0, 400, allow_nan=False), st.floats(0, 300, allow_nan=False)), min_size=1, max_size=25
)
lengths = st.integers(2, 9)


@given(points, st.data())
@settings(max_examples=60, deadline=None)
def test_names_cover_neither_each_other_nor_points_nor_the_edge(
    where: list[tuple[float, float]], data: st.DataObject
) -> None:
    sizes = [(9.0 * data.draw(lengths), 11.0) for _point in where]
    dots = [Box(x - 2, y - 2, x + 2, y + 2) for x, y in where]
    boxes = place(where, sizes, radii=[2.0] * len(where), obstacles=dots, bounds=PAGE)
    shown = [box for box in boxes if box is not None]
    assert not any(one.overlaps(other) for one, other in combinations(shown, 2))
    assert not any(one.overlaps(dot) for one in shown for dot in dots)
    assert all(PAGE.holds(box) for box in shown)
    for box, (width, height) in zip(boxes, sizes, strict=True):
        assert box is None or (abs(box.right - box.left - width) < 1e-6 and abs(box.top - box.bottom - height) < 1e-6)
    assert boxes == place(where, sizes, radii=[2.0] * len(where), obstacles=dots, bounds=PAGE)


def test_a_lone_name_stands_beside_its_point() -> None:
    (box,) = place([(200, 150)], [(40, 10)], radii=[3.0], bounds=PAGE)
    assert box is not None
    x, y = box.nearest(200, 150)
    assert 3 <= ((x - 200) ** 2 + (y - 150) ** 2) ** 0.5 <= 9


def test_twenty_names_at_one_point_all_find_room() -> None:
    boxes = place(
        [(200, 150)] * 20, [(36, 11)] * 20, radii=[3.0] * 20, obstacles=[Box(197, 147, 203, 153)], bounds=PAGE
    )
    assert None not in boxes


def test_without_room_nothing_is_forced() -> None:
    boxes = place([(20, 10)] * 3, [(38, 18)] * 3, radii=[0.0] * 3, bounds=Box(0, 0, 40, 20))
    assert sum(box is not None for box in boxes) <= 1


def test_the_first_name_comes_first() -> None:
    tight = Box(0, 0, 60, 24)
    first, second = place([(30, 6), (30, 7)], [(50, 10), (50, 10)], radii=[1.0, 1.0], bounds=tight)
    assert first is not None
    assert second is None or not first.overlaps(second)


def test_lines_are_seen_to_cut_a_box() -> None:
    box = Box(10, 10, 20, 20)
    assert box.is_cut((0, 0), (30, 30))
    assert box.is_cut((15, 0), (15, 40))
    assert not box.is_cut((0, 0), (5, 30))
    assert not box.is_cut((0, 25), (40, 25))
