"""Invented village names in the manner of the region. Knows words, not places."""

import numpy as np

_FIRST = {
    "karst": (
        "Lũng", "Sủng", "Tả", "Sảng", "Xín", "Há", "Chúng", "Mã", "Sà", "Lùng", "Pả", "Khó",
        "Séo", "Thào", "Ngài", "Dì", "Má", "Phìn", "Hấu", "Cá",
    ),
    "soil": (
        "Nậm", "Tả", "Bản", "Pố", "Tân", "Hồ", "Nàn", "Chúng", "Suối", "Thôn", "Ma", "Cốc",
        "Lủng", "Phìn", "Seo", "Tùng", "Coóc", "Khu",
    ),
    "hills": (
        "Nà", "Bản", "Khuổi", "Phiêng", "Pác", "Cốc", "Tân", "Lùng", "Phia", "Thôm", "Nặm",
        "Kẹp", "Vật", "Minh", "Đồng", "Làng", "Xuân",
    ),
}  # fmt: skip
_SECOND = {
    "karst": (
        "Phìn", "Lử", "Chải", "Tủng", "Súa", "Sính", "Là", "Pù", "Thàng", "Vài", "Sì", "Đía",
        "Mủ", "Nho", "Cáng", "Hòa", "Trá", "Tráng", "Chư", "Dế", "Chứ", "Lầu", "Khâu", "Páo",
        "Ván", "Gió", "Khô", "Cẩm",
    ),
    "soil": (
        "Chải", "Than", "Hồng", "Ngài", "Phùng", "Giàng", "Dìn", "Lìn", "Thượng", "Hạ", "Choóng",
        "Khum", "Sui", "Tiến", "Lý", "Nhung", "Péo", "Cậu", "Dịch", "Hóa", "Piao", "Mạ", "Chà",
        "Suôi", "Chỉ", "Vai", "Nùng",
    ),
    "hills": (
        "Luông", "Thán", "Mèo", "Cáy", "Lầu", "Chùa", "Sài", "Ngoan", "Trà", "Kim", "Tạng",
        "Loong", "Hin", "Phát", "Thành", "Bó", "Lạn", "Khoang", "Tàu", "Thắng", "Lợi", "Đán",
        "Phja", "Quang", "Vạc", "Cào", "Tha", "Mường", "Đuốc", "Sơn",
    ),
}  # fmt: skip


def village_names(count: int, region: str, rng: np.random.Generator) -> list[str]:
    """Return `count` different names as villages of a region bear them.

    Parameters
    ----------
    count : int
        How many; a few hundred at most.
    region : {"karst", "soil", "hills"}
        Northern plateau, western mountains or southern lowland.
    rng : Generator
        Draws them.

    Examples
    --------
    >>> len(set(village_names(20, "karst", np.random.default_rng(0))))
    20
    """
    first, second = _FIRST[region], _SECOND[region]
    drawn = rng.permutation(len(first) * len(second))
    pairs = ((first[k % len(first)], second[k // len(first)]) for k in drawn)
    names = (f"{one} {two}" for one, two in pairs if one != two)
    return [name for name, _ in zip(names, range(count), strict=False)]
