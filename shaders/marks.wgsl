// Marks, lines and fills: distances to figures in screen pixels, so that strokes stay as thick at every zoom.
const TAU: f32 = 6.283185307179586;
const HALO: f32 = 1.25;

fn coverage(distance: f32, half: f32) -> f32 {
    return clamp(half - distance + 0.5, 0.0, 1.0);
}

// ---- marks

struct Mark {
    @location(0) at: vec4<f32>,
    // Radius in level-0 pixels, least radius in screen pixels.
    @location(1) radius: vec2<f32>,
    @location(2) color: vec4<f32>,
    // Kind, selected.
    @location(3) kind: vec2<u32>,
}

struct MarkVarying {
    @builtin(position) position: vec4<f32>,
    @location(0) p: vec2<f32>,
    @location(1) @interpolate(flat) radius: f32,
    @location(2) @interpolate(flat) color: vec4<f32>,
    @location(3) @interpolate(flat) kind: vec2<u32>,
}

@vertex
fn mark_vertex(@builtin(vertex_index) index: u32, mark: Mark) -> MarkVarying {
    // A selected one is thicker and would close up if it were as small as the others may be.
    let least = max(mark.radius.y, select(0.0, 8.0, mark.kind.y != 0u));
    let radius = max(mark.radius.x * view.zoom.x, least);
    let p = (corner(index) * 2.0 - 1.0) * (radius + 7.0);
    var out: MarkVarying;
    out.position = clip(turned(place(mark.at.xy, mark.at.zw)) + p);
    out.p = p;
    out.radius = radius;
    out.color = mark.color;
    out.kind = mark.kind;
    return out;
}

// Distance to an arc of the circle that ends `beyond` radians before this point; 0 or less: beside the arc.
fn arc(length: f32, radius: f32, beyond: f32) -> f32 {
    if beyond <= 0.0 {
        return abs(length - radius);
    }
    return sqrt(max(length * length + radius * radius - 2.0 * length * radius * cos(beyond), 0.0));
}

fn figure(p: vec2<f32>, radius: f32, kind: u32) -> f32 {
    let r = length(p);
    switch kind {
        case 1u: {
            // The gap is at the upper right.
            let turn = atan2(p.y, p.x) + TAU / 8.0;
            let from_gap = abs(turn - TAU * round(turn / TAU));
            return arc(r, radius, max(0.5, 5.0 / radius) - from_gap);
        }
        case 2u: {
            let dashes = clamp(round(TAU * radius / 11.0), 4.0, 40.0);
            let turn = atan2(p.y, p.x) / TAU * dashes;
            let from_middle = abs(turn - round(turn));
            return arc(r, radius, (from_middle - 0.26) * TAU / dashes);
        }
        case 3u: {
            let q = abs(p) - radius;
            return abs(length(max(q, vec2<f32>(0.0))) + min(max(q.x, q.y), 0.0));
        }
        case 4u: {
            let q = abs(p);
            let along = max(q.x, q.y);
            // The middle stays open, however small the cross.
            let nearest = clamp(along, max(0.35 * radius, min(5.5, 0.8 * radius)), radius);
            return length(vec2<f32>(along - nearest, min(q.x, q.y)));
        }
        default: {
            return abs(r - radius);
        }
    }
}

@fragment
fn mark_fragment(in: MarkVarying) -> @location(0) vec4<f32> {
    let distance = figure(in.p, in.radius, in.kind.x);
    let selected = in.kind.y != 0u;
    let half = select(clamp(0.05 * in.radius, 0.9, 1.25), 1.5, selected);
    let outline = select(half, half + 1.75, selected);
    var color = paint(vec3<f32>(0.0), 0.45 * coverage(distance, outline + HALO));
    if selected {
        color = over(paint(vec3<f32>(1.0), coverage(distance, outline)), color);
    }
    color = over(paint(in.color.rgb, coverage(distance, half)), color);
    return color * in.color.a;
}

// ---- lines

struct Line {
    @location(0) a: vec4<f32>,
    @location(1) b: vec4<f32>,
    @location(2) color: vec4<f32>,
    // Thickness and length of dashes in screen pixels.
    @location(3) stroke: vec2<f32>,
}

struct LineVarying {
    @builtin(position) position: vec4<f32>,
    // Along the line from its start, and across.
    @location(0) p: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
    // Length, half thickness, dash.
    @location(2) @interpolate(flat) shape: vec3<f32>,
}

@vertex
fn line_vertex(@builtin(vertex_index) index: u32, line: Line) -> LineVarying {
    let a = turned(place(line.a.xy, line.a.zw));
    let b = turned(place(line.b.xy, line.b.zw));
    let total = distance(a, b);
    let along = select(vec2<f32>(1.0, 0.0), (b - a) / max(total, 1e-6), total > 1e-6);
    let half = 0.5 * line.stroke.x;
    let edge = half + HALO + 1.0;
    // Only the part near the view, so that long lines keep their precision.
    let reach = length(view.viewport);
    let nearest = dot(-a, along);
    let from_t = clamp(nearest - reach, 0.0, total);
    let to_t = clamp(nearest + reach, 0.0, total);
    let at = corner(index);
    let p = vec2<f32>(mix(from_t - edge, to_t + edge, at.x), mix(-edge, edge, at.y));
    var out: LineVarying;
    out.position = clip(a + along * p.x + vec2<f32>(-along.y, along.x) * p.y);
    out.p = p;
    out.color = line.color;
    out.shape = vec3<f32>(total, half, line.stroke.y);
    return out;
}

fn line_distance(p: vec2<f32>, total: f32, dash: f32) -> f32 {
    var nearest = clamp(p.x, 0.0, total);
    if dash > 0.0 {
        // The middle of the dash that is nearest; gaps are as long as dashes are.
        let middle = (round((p.x - 0.5 * dash) / (2.0 * dash)) * 2.0 + 0.5) * dash;
        nearest = clamp(clamp(p.x, middle - 0.5 * dash, middle + 0.5 * dash), 0.0, total);
    }
    return length(vec2<f32>(p.x - nearest, p.y));
}

@fragment
fn line_halo(in: LineVarying) -> @location(0) vec4<f32> {
    let distance = line_distance(in.p, in.shape.x, in.shape.z);
    return paint(vec3<f32>(0.0), 0.35 * in.color.a * coverage(distance, in.shape.y + HALO));
}

@fragment
fn line_fragment(in: LineVarying) -> @location(0) vec4<f32> {
    let distance = line_distance(in.p, in.shape.x, in.shape.z);
    return paint(in.color.rgb, in.color.a * coverage(distance, in.shape.y));
}

// ---- fills

struct Fill {
    @location(0) a: vec4<f32>,
    @location(1) b: vec4<f32>,
    @location(2) color: vec4<f32>,
}

struct FillVarying {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) color: vec4<f32>,
}

@vertex
fn fill_vertex(@builtin(vertex_index) index: u32, fill: Fill) -> FillVarying {
    let reach = vec2<f32>(length(view.viewport));
    let a = clamp(place(fill.a.xy, fill.a.zw), -reach, reach);
    let b = clamp(place(fill.b.xy, fill.b.zw), -reach, reach);
    var out: FillVarying;
    out.position = clip(turned(mix(a, b, corner(index))));
    out.color = fill.color;
    return out;
}

@fragment
fn fill_fragment(in: FillVarying) -> @location(0) vec4<f32> {
    return paint(in.color.rgb, in.color.a);
}
