package dev.gyre;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * One heat map of an {@link Attention} as SVG or PNG: queries are rows, keys are columns, dark is much. Cross attention
 * comes with its hard alignment: source on the left, target on the right, a line from each target token to the source
 * token that it was written from.
 */
public final class AttentionDrawing {

    private static final String FONT = "sans-serif";
    private static final int FONT_SIZE = 13;

    /** Pixels of a PNG for each unit of the drawing: words stay readable on dense screens and in print. */
    private static final int SCALE = 2;

    private static final Color PAPER = Color.WHITE;
    private static final Color INK = new Color(0x222222);
    private static final Color GRID = new Color(0xdddddd);
    private static final Color HEAT = new Color(0x1f5fbf);

    private AttentionDrawing() {}

    /**
     * Draws the first kind of attention that the model has: cross, or else its own.
     *
     * @param layer from 0; -1 for the last
     * @param head from 0; -1 for the mean of all
     * @throws IllegalArgumentException if there is no such layer or head
     */
    public static String svg(Attention attention, int layer, int head) {
        AttentionPicture picture = AttentionPicture.of(attention, layer, head);
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"%s\""
                        + " font-size=\"%d\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n",
                picture.width(),
                picture.height(),
                FONT,
                FONT_SIZE,
                css(PAPER)));
        for (AttentionPicture.Shape shape : picture.shapes()) {
            svg.append(
                    switch (shape) {
                        case AttentionPicture.Cell c ->
                            String.format(
                                    Locale.ROOT,
                                    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\""
                                            + " fill-opacity=\"%.3f\" stroke=\"%s\"><title>%s</title></rect>\n",
                                    c.x(),
                                    c.y(),
                                    AttentionPicture.CELL,
                                    AttentionPicture.CELL,
                                    css(HEAT),
                                    c.weight(),
                                    css(GRID),
                                    escaped(c.title()));
                        case AttentionPicture.Link l ->
                            String.format(
                                    Locale.ROOT,
                                    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\""
                                            + " stroke-opacity=\"%.3f\"><title>%s</title></line>\n",
                                    l.fromX(),
                                    l.fromY(),
                                    l.toX(),
                                    l.toY(),
                                    css(HEAT),
                                    l.opacity(),
                                    escaped(l.title()));
                        case AttentionPicture.Word w ->
                            String.format(
                                    Locale.ROOT,
                                    "<text transform=\"translate(%d %d)%s\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n",
                                    w.x(),
                                    w.y(),
                                    w.upward() ? " rotate(-90)" : "",
                                    w.end() ? "end" : "start",
                                    css(INK),
                                    escaped(w.text()));
                    });
        }
        return svg.append("</svg>\n").toString();
    }

    /**
     * The same picture as a PNG file, two pixels to a unit. Needs a font of the system, as every text that Java draws.
     *
     * @param layer from 0; -1 for the last
     * @param head from 0; -1 for the mean of all
     * @throws IllegalArgumentException if there is no such layer or head, or the picture has more pixels than an image
     */
    public static byte[] png(Attention attention, int layer, int head) {
        AttentionPicture picture = AttentionPicture.of(attention, layer, head);
        long pixels = (long) picture.width() * picture.height() * SCALE * SCALE;
        if (pixels > Integer.MAX_VALUE / 4) {
            throw new IllegalArgumentException("a .png of " + picture.width() * SCALE + " × " + picture.height() * SCALE
                    + " pixels is too large: write .html or .svg");
        }
        BufferedImage image =
                new BufferedImage(picture.width() * SCALE, picture.height() * SCALE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.scale(SCALE, SCALE);
            graphics.setColor(PAPER);
            graphics.fillRect(0, 0, picture.width(), picture.height());
            graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, FONT_SIZE));
            picture.shapes().forEach(shape -> paint(graphics, shape));
        } finally {
            graphics.dispose();
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    private static void paint(Graphics2D graphics, AttentionPicture.Shape shape) {
        switch (shape) {
            case AttentionPicture.Cell c -> {
                Rectangle2D box = new Rectangle2D.Double(c.x(), c.y(), AttentionPicture.CELL, AttentionPicture.CELL);
                graphics.setColor(HEAT);
                graphics.setComposite(AlphaComposite.SrcOver.derive(opacity(c.weight())));
                graphics.fill(box);
                graphics.setComposite(AlphaComposite.SrcOver);
                graphics.setColor(GRID);
                graphics.setStroke(new BasicStroke(1));
                graphics.draw(box);
            }
            case AttentionPicture.Link l -> {
                graphics.setColor(HEAT);
                graphics.setComposite(AlphaComposite.SrcOver.derive(opacity(l.opacity())));
                graphics.setStroke(new BasicStroke(2));
                graphics.draw(new Line2D.Double(l.fromX(), l.fromY(), l.toX(), l.toY()));
                graphics.setComposite(AlphaComposite.SrcOver);
            }
            case AttentionPicture.Word w -> {
                AffineTransform before = graphics.getTransform();
                graphics.setColor(INK);
                graphics.translate(w.x(), w.y());
                if (w.upward()) {
                    graphics.rotate(-Math.PI / 2);
                }
                FontMetrics metrics = graphics.getFontMetrics();
                graphics.drawString(w.text(), w.end() ? -metrics.stringWidth(w.text()) : 0, 0);
                graphics.setTransform(before);
            }
        }
    }

    private static float opacity(double weight) {
        return (float) Math.clamp(weight, 0, 1);
    }

    private static String css(Color color) {
        return String.format(Locale.ROOT, "#%06x", color.getRGB() & 0xffffff);
    }

    /** What XML does not allow, as no escape either, becomes U+FFFD. */
    private static String escaped(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                default -> out.appendCodePoint(allowed(c) ? c : 0xFFFD);
            }
        });
        return out.toString();
    }

    private static boolean allowed(int c) {
        return c >= 0x20 ? c < 0xD800 || c > 0xDFFF && c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n' || c == '\r';
    }
}
