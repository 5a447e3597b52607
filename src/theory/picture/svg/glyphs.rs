//! The signs of a staff, drawn with a broad pen: clefs, accidentals and heads, in units of a staff's space, up being positive.

use std::fmt::Write;

/// A point the pen goes through, and how broad it is there.
type Stroke = (f64, f64, f64);

/// Pieces of a curve between two points.
const PIECES: usize = 8;

/// The G clef around its line: the curl, the bow, and the stem with its hook.
const TREBLE: &[Stroke] = &[
    (1.58, -0.42, 0.06),
    (1.22, -0.36, 0.16),
    (0.98, 0.02, 0.26),
    (1.16, 0.54, 0.26),
    (1.66, 0.72, 0.24),
    (2.20, 0.40, 0.32),
    (2.32, -0.24, 0.38),
    (1.96, -0.80, 0.28),
    (1.36, -0.98, 0.20),
    (0.62, -0.76, 0.30),
    (0.18, -0.10, 0.42),
    (0.28, 0.78, 0.46),
    (0.82, 1.56, 0.38),
    (1.46, 2.24, 0.32),
    (1.86, 2.98, 0.30),
    (1.84, 3.72, 0.24),
    (1.56, 4.22, 0.10),
    (1.24, 3.84, 0.20),
    (1.12, 3.15, 0.26),
    (1.22, 2.20, 0.17),
    (1.44, 0.60, 0.15),
    (1.68, -1.10, 0.15),
    (1.72, -1.80, 0.16),
    (1.44, -2.38, 0.15),
    (0.94, -2.46, 0.13),
    (0.66, -2.10, 0.10),
];
/// The end of its hook.
const TREBLE_BALL: (f64, f64, f64) = (0.90, -2.02, 0.32);

/// The F clef around its line.
const BASS: &[Stroke] = &[
    (0.14, 0.06, 0.10),
    (0.20, 0.62, 0.16),
    (0.62, 0.98, 0.20),
    (1.18, 0.98, 0.28),
    (1.68, 0.62, 0.42),
    (1.80, -0.04, 0.50),
    (1.54, -0.88, 0.40),
    (0.94, -1.66, 0.24),
    (0.06, -2.30, 0.05),
];
const BASS_BALLS: [(f64, f64, f64); 3] = [(0.42, 0.02, 0.36), (2.36, 0.5, 0.19), (2.36, -0.5, 0.19)];

/// The bowl of a flat; its stem is a line of its own.
const BOWL: &[Stroke] =
    &[(0.02, 0.16, 0.10), (0.34, 0.46, 0.16), (0.64, 0.34, 0.26), (0.54, -0.12, 0.22), (0.02, -0.66, 0.08)];

/// Where signs are drawn: the place of their origin, and the pixels of a space.
#[derive(Clone, Copy)]
pub struct Place {
    pub x: f64,
    pub y: f64,
    pub space: f64,
}

impl Place {
    fn point(&self, x: f64, y: f64) -> String {
        format!("{:.2} {:.2}", self.x + x * self.space, self.y - y * self.space)
    }

    /// A filled shape. All go round the same way, so that where two of a sign overlap, both are ink.
    fn polygon(&self, corners: &[(f64, f64)]) -> String {
        let next = corners.iter().cycle().skip(1);
        let area: f64 = corners.iter().zip(next).map(|((ax, ay), (bx, by))| ax * by - bx * ay).sum();
        let mut corners: Vec<String> = corners.iter().map(|(x, y)| self.point(*x, *y)).collect();
        if area > 0.0 {
            corners.reverse();
        }
        format!("M{} Z ", corners.join(" L"))
    }

    fn disc(&self, (x, y, radius): (f64, f64, f64)) -> String {
        let r = radius * self.space;
        let (left, right) = (self.point(x - radius, y), self.point(x + radius, y));
        format!("M{left} A{r:.2} {r:.2} 0 1 1 {right} A{r:.2} {r:.2} 0 1 1 {left} Z ")
    }

    /// What a pen leaves that goes smoothly through these points.
    fn brush(&self, strokes: &[Stroke]) -> String {
        let line = smooth(strokes);
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (i, (x, y, width)) in line.iter().enumerate() {
            let (before, after) = (line[i.saturating_sub(1)], line[(i + 1).min(line.len() - 1)]);
            let (dx, dy) = (after.0 - before.0, after.1 - before.1);
            let length = dx.hypot(dy).max(1e-6);
            let (nx, ny) = (-dy / length * width / 2.0, dx / length * width / 2.0);
            left.push((x + nx, y + ny));
            right.push((x - nx, y - ny));
        }
        right.reverse();
        left.extend(right);
        self.polygon(&left)
    }

    pub fn treble(&self) -> String {
        [self.brush(TREBLE), self.disc(TREBLE_BALL)].concat()
    }

    pub fn bass(&self) -> String {
        self.brush(BASS) + BASS_BALLS.map(|ball| self.disc(ball)).concat().as_str()
    }

    /// A filled head, leaning as a pen writes it.
    pub fn head(&self) -> String {
        let (rx, ry) = (0.66 * self.space, 0.46 * self.space);
        let (dx, dy) = (0.61, 0.25);
        let (from, to) = (self.point(-dx, -dy), self.point(dx, dy));
        format!("M{from} A{rx:.2} {ry:.2} -22 1 1 {to} A{rx:.2} {ry:.2} -22 1 1 {from} Z")
    }

    /// Sharps, flats, or a natural for none; its middle is at the place.
    pub fn accidental(&self, alteration: i32) -> String {
        match alteration {
            0 => self.natural(),
            2 => self.double_sharp(),
            n if n > 0 => self.row(n, SHARP, Place::sharp),
            n => self.row(-n, FLAT, Place::flat),
        }
    }

    fn row(&self, count: i32, width: f64, sign: fn(&Place) -> String) -> String {
        let mut path = String::new();
        for i in 0..count {
            let x = self.x + (f64::from(i) - f64::from(count - 1) / 2.0) * width * self.space;
            let _ = write!(path, "{}", sign(&Place { x, ..*self }));
        }
        path
    }

    /// An upright stroke.
    fn upright(&self, x: f64, low: f64, high: f64) -> String {
        let half = 0.065;
        self.polygon(&[(x - half, low), (x + half, low), (x + half, high), (x - half, high)])
    }

    /// A broad stroke that rises.
    fn beam(&self, y: f64, half: f64) -> String {
        let (rise, thick) = (0.14, 0.15);
        self.polygon(&[
            (-half, y - rise - thick),
            (half, y + rise - thick),
            (half, y + rise + thick),
            (-half, y - rise + thick),
        ])
    }

    fn sharp(&self) -> String {
        let strokes = [self.upright(-0.2, -1.42, 1.24), self.upright(0.2, -1.24, 1.42)];
        [strokes.concat(), self.beam(0.44, 0.5), self.beam(-0.44, 0.5)].concat()
    }

    fn natural(&self) -> String {
        let strokes = [self.upright(-0.28, -0.62, 1.4), self.upright(0.28, -1.4, 0.62)];
        [strokes.concat(), self.beam(0.44, 0.34), self.beam(-0.44, 0.34)].concat()
    }

    fn flat(&self) -> String {
        let left = Place { x: self.x - 0.3 * self.space, ..*self };
        [left.upright(0.0, -0.72, 1.75), left.brush(BOWL)].concat()
    }

    fn double_sharp(&self) -> String {
        let cross = [[(-0.45, -0.45, 0.2), (0.45, 0.45, 0.2)], [(-0.45, 0.45, 0.2), (0.45, -0.45, 0.2)]];
        let ends = [(-0.38, -0.38), (0.38, 0.38), (-0.38, 0.38), (0.38, -0.38)];
        let blocks = ends.map(|(x, y)| {
            let h = 0.17;
            self.polygon(&[(x - h, y - h), (x + h, y - h), (x + h, y + h), (x - h, y + h)])
        });
        [cross.map(|strokes| self.brush(&strokes)).concat(), blocks.concat()].concat()
    }
}

/// Spaces that signs take side by side.
const SHARP: f64 = 1.05;
const FLAT: f64 = 0.8;

/// Spaces an accidental takes.
pub fn width(alteration: i32) -> f64 {
    match alteration {
        0 => 0.8,
        2 => 1.05,
        n if n > 0 => SHARP * f64::from(n),
        n => FLAT * f64::from(-n),
    }
}

/// Catmull and Rom's curve through the points, with their widths.
fn smooth(points: &[Stroke]) -> Vec<Stroke> {
    let at = |i: isize| points[i.clamp(0, points.len() as isize - 1) as usize];
    let mut line = Vec::new();
    for i in 0..points.len().saturating_sub(1) as isize {
        let (a, b, c, d) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        for piece in 0..PIECES {
            let t = piece as f64 / PIECES as f64;
            let through = |a: f64, b: f64, c: f64, d: f64| {
                let (t2, t3) = (t * t, t * t * t);
                0.5 * (2.0 * b
                    + (c - a) * t
                    + (2.0 * a - 5.0 * b + 4.0 * c - d) * t2
                    + (3.0 * b - a - 3.0 * c + d) * t3)
            };
            line.push((
                through(a.0, b.0, c.0, d.0),
                through(a.1, b.1, c.1, d.1),
                through(a.2, b.2, c.2, d.2).max(0.02),
            ));
        }
    }
    line.extend(points.last());
    line
}
