package dev.gyre;

import java.util.List;
import java.util.Locale;

/** One heat map of an {@link Attention} as SVG: queries are rows, keys are columns, dark is much. */
public final class AttentionDrawing {

    private static final int CELL = 24;
    private static final int LETTER = 8;
    private static final int GAP = 8;

    private AttentionDrawing() {}

    /**
     * Draws the first kind of attention that the model has: cross, or else its own.
     *
     * @param layer from 0; -1 for the last
     * @param head from 0; -1 for the mean of all
     * @throws IllegalArgumentException if there is no such layer or head
     */
    public static String svg(Attention attention, int layer, int head) {
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
        int left = LETTER * longest(view.queries()) + 2 * GAP;
        int top = LETTER * longest(view.keys()) + 2 * GAP;
        int width = left + CELL * view.keys().size() + GAP;
        int height = top + CELL * view.queries().size() + GAP;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
                width,
                height));
        for (int k = 0; k < view.keys().size(); k++) {
            int x = left + CELL * k + CELL / 2 + 4;
            svg.append(String.format(
                    Locale.ROOT,
                    "<text transform=\"translate(%d %d) rotate(-90)\" fill=\"#222\">%s</text>\n",
                    x,
                    top - GAP,
                    escaped(view.keys().get(k))));
        }
        for (int q = 0; q < view.queries().size(); q++) {
            int y = top + CELL * q;
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#222\">%s</text>\n",
                    left - GAP,
                    y + CELL / 2 + 4,
                    escaped(view.queries().get(q))));
            for (int k = 0; k < view.keys().size(); k++) {
                double w = weight(heads, head, q, k);
                svg.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#1f5fbf\" fill-opacity=\"%.3f\""
                                + " stroke=\"#ddd\"><title>%s → %s: %.4f</title></rect>\n",
                        left + CELL * k,
                        y,
                        CELL,
                        CELL,
                        w,
                        escaped(view.queries().get(q)),
                        escaped(view.keys().get(k)),
                        w));
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private static double weight(float[][][] heads, int head, int q, int k) {
        if (head >= 0) {
            return heads[head][q][k];
        }
        double sum = 0;
        for (float[][] h : heads) {
            sum += h[q][k];
        }
        return sum / heads.length;
    }

    private static int longest(List<String> words) {
        return words.stream().mapToInt(String::length).max().orElse(1);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
