package dev.gyre;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a drawing of an {@link Attention} shows and where, in units of one pixel of a screen.
 *
 * @param shapes in the order in which they are painted
 */
record AttentionPicture(int width, int height, List<Shape> shapes) {

    static final int CELL = 24;
    private static final int GAP = 8;
    private static final int BETWEEN = 160;

    sealed interface Shape {}

    /** A square of the map, {@link #CELL} wide. */
    record Cell(int x, int y, double weight, String title) implements Shape {}

    /**
     * A word.
     *
     * @param x where its baseline starts, or ends
     * @param upward whether it is read from below
     * @param end whether it ends there
     */
    record Word(int x, int y, String text, boolean upward, boolean end) implements Shape {}

    /** A line of the alignment. */
    record Link(int fromX, int fromY, int toX, int toY, double opacity, String title) implements Shape {}

    AttentionPicture {
        shapes = List.copyOf(shapes);
    }

    /** @throws IllegalArgumentException if there is no such layer or head */
    static AttentionPicture of(Attention attention, int layer, int head) {
        Attention.View view = attention.views().getFirst();
        int index = layer < 0 ? view.layers().size() - 1 : layer;
        if (index >= view.layers().size()) {
            throw new IllegalArgumentException("there is no layer " + layer + "; there are 0 to "
                    + (view.layers().size() - 1));
        }
        float[][][] heads = view.layers().get(index).weights();
        if (head >= heads.length) {
            throw new IllegalArgumentException("there is no head " + head + "; there are 0 to " + (heads.length - 1));
        }
        List<Shape> shapes = new ArrayList<>();
        int left = widest(view.queries()) + 2 * GAP;
        int top = widest(view.keys()) + 2 * GAP;
        map(shapes, view, heads, head, left, top);
        int width = left + CELL * view.keys().size() + GAP;
        int height = top + CELL * view.queries().size() + GAP;
        if (!attention.weights().cross().isEmpty()) {
            int sources = GAP + widest(view.keys());
            int targets = sources + BETWEEN + 2 * GAP;
            alignment(shapes, attention, index, head, sources, targets, height + GAP);
            width = Math.max(width, targets + widest(view.queries()) + GAP);
            height +=
                    2 * GAP + CELL * Math.max(view.keys().size(), view.queries().size() - 1);
        }
        return new AttentionPicture(width, height, shapes);
    }

    private static void map(List<Shape> shapes, Attention.View view, float[][][] heads, int head, int left, int top) {
        for (int k = 0; k < view.keys().size(); k++) {
            shapes.add(new Word(
                    left + CELL * k + CELL / 2 + 4, top - GAP, view.keys().get(k), true, false));
        }
        for (int q = 0; q < view.queries().size(); q++) {
            int y = top + CELL * q;
            String query = view.queries().get(q);
            shapes.add(new Word(left - GAP, y + CELL / 2 + 4, query, false, true));
            for (int k = 0; k < view.keys().size(); k++) {
                double w = Attention.weight(heads, head, q, k);
                shapes.add(
                        new Cell(left + CELL * k, y, w, title(query, view.keys().get(k), w)));
            }
        }
    }

    private static void alignment(
            List<Shape> shapes, Attention attention, int layer, int head, int sources, int targets, int top) {
        float[][][] heads = attention.weights().cross().get(layer).weights();
        int[] aligned = attention.alignment(layer, head);
        List<String> source = attention.source();
        List<String> target = attention.target();
        for (int s = 0; s < source.size(); s++) {
            shapes.add(new Word(sources, top + CELL * s + CELL / 2 + 4, source.get(s), false, true));
        }
        for (int t = 1; t < target.size(); t++) {
            int y = top + CELL * (t - 1) + CELL / 2;
            shapes.add(new Word(targets, y + 4, target.get(t), false, false));
            int s = aligned[t - 1];
            double w = Attention.weight(heads, head, t - 1, s);
            shapes.add(new Link(
                    sources + GAP,
                    top + CELL * s + CELL / 2,
                    targets - GAP,
                    y,
                    // The faintest line can be seen.
                    0.25 + 0.75 * w,
                    title(target.get(t), source.get(s), w)));
        }
    }

    private static String title(String query, String key, double weight) {
        return String.format(Locale.ROOT, "%s → %s: %.4f", query, key, weight);
    }

    /** What the longest word takes at most; only a font would know. Letters of the far east are as wide as high. */
    private static int widest(List<String> words) {
        return words.stream()
                .mapToInt(w -> w.codePoints().map(c -> c < 0x1100 ? 9 : 14).sum())
                .max()
                .orElse(9);
    }
}
