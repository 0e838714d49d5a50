package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Backends;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.AttentionRun;
import dev.gyre.scheduler.AttentionRun.Layer;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.Safetensors;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionTest {

    @ParameterizedTest
    @ValueSource(strings = {"marian", "t5", "m2m_100"})
    void agreesWithTheReference(String name) throws URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(AttentionTest.class.getResource("/goldens/" + name))
                .toURI());
        try (ModelDirectory model = ModelDirectory.open(folder);
                Checkpoint expected = Safetensors.open(folder.resolve("expected.safetensors"))) {
            int[] shape = expected.shape("cross_attention_last");
            int[] source = row(expected, "input_ids", shape[3]);
            int n = Arrays.stream(row(expected, "attention_mask", shape[3])).sum();
            int[] target = row(expected, "decoder_input_ids", shape[2]);
            AttentionRun.Result result = AttentionRun.of(
                    Backends.named("cpu").open(0, DeviceOptions.DEFAULTS),
                    model.transformer(),
                    model.weights(),
                    Arrays.copyOf(source, n),
                    target);
            float[] reference = new float[shape[1] * shape[2] * shape[3]];
            expected.read("cross_attention_last", 0, reference.length, reference, 0);
            float[][][] ours = result.cross().getLast().weights();
            for (int h = 0; h < shape[1]; h++) {
                for (int t = 0; t < shape[2]; t++) {
                    int at = (h * shape[2] + t) * shape[3];
                    assertArrayEquals(Arrays.copyOfRange(reference, at, at + n), ours[h][t], 1e-4f);
                }
            }
            assertEquals(2, result.encoder().size());
            sumToOne(result.encoder());
            sumToOne(result.decoder());
            for (Layer layer : result.decoder()) {
                for (float[][] head : layer.weights()) {
                    assertEquals(1, head[0][0], 1e-5);
                    assertEquals(0, head[0][1]);
                }
            }
        }
    }

    @Test
    void pagesAndDrawingsHoldEveryToken() {
        Attention attention =
                Attention.of(SmallModel.folder("embed"), "The animal", null, "cpu", DeviceOptions.DEFAULTS);
        assertEquals("[CLS]", attention.source().getFirst());
        assertEquals(List.of(), attention.target());
        String page = AttentionPage.html(attention);
        assertTrue(page.contains("\"anima\""), "the token is missing");
        assertFalse(page.contains("DATA"), "the place of the data is still there");
        assertFalse(page.contains("http"), "the page is not self-contained");
        String drawing = AttentionDrawing.svg(attention, 0, 1);
        assertTrue(drawing.contains(">anima<"), drawing);
        assertThrows(IllegalArgumentException.class, () -> AttentionDrawing.svg(attention, 2, 0));
        assertThrows(IllegalArgumentException.class, () -> AttentionDrawing.svg(attention, 0, 4));
        assertThrows(
                IllegalArgumentException.class,
                () -> Attention.of(SmallModel.folder("embed"), "a", "b", "cpu", DeviceOptions.DEFAULTS));
    }

    @Test
    void tokensCannotEndTheScript() {
        Layer layer = new Layer(new float[][][] {{{1}}});
        Attention attention = new Attention(
                List.of("</script>"),
                List.of("&x"),
                new AttentionRun.Result(List.of(layer), List.of(layer), List.of(layer)));
        String page = AttentionPage.html(attention);
        assertEquals(page.lastIndexOf("</script>"), page.indexOf("</script>"));
        assertTrue(AttentionDrawing.svg(attention, -1, -1).contains("&amp;x"));
        assertArrayEquals(new int[] {0}, attention.alignment(0));
        assertArrayEquals(new int[] {0}, attention.alignment(0, 0));
    }

    @Test
    void drawsTheAlignment() throws IOException {
        Layer cross = new Layer(new float[][][] {
            {{0.1f, 0.8f, 0.1f}, {0.7f, 0.2f, 0.1f}, {0, 0, 1}},
            {{0.5f, 0.1f, 0.4f}, {0.6f, 0.3f, 0.1f}, {0, 0, 1}}
        });
        Attention attention = new Attention(
                List.of("black", "cat", "</s>"),
                List.of("<pad>", "chat", "noir\u0001"),
                new AttentionRun.Result(List.of(), List.of(), List.of(cross)));
        assertArrayEquals(new int[] {1, 0, 2}, attention.alignment(0));
        assertArrayEquals(new int[] {0, 0, 2}, attention.alignment(0, 1));
        String svg = AttentionDrawing.svg(attention, 0, -1);
        assertEquals(2, svg.split("<line ", -1).length - 1, "a line for each target token that was written");
        assertTrue(svg.contains("<title>chat → cat: 0.4500</title></line>"), svg);
        assertTrue(svg.contains("<title>noir\uFFFD → black: 0.6500</title></line>"), svg);
        assertTrue(AttentionPage.html(attention).contains("\"chat\""));
        BufferedImage png = ImageIO.read(new ByteArrayInputStream(AttentionDrawing.png(attention, 0, -1)));
        assertTrue(svg.contains("width=\"" + png.getWidth() / 2 + "\" height=\"" + png.getHeight() / 2 + "\""), svg);
        int dark = 0;
        for (int x = 0; x < 80; x++) {
            for (int y = 0; y < png.getHeight(); y++) {
                dark += (png.getRGB(x, y) & 0xff) < 0x60 ? 1 : 0;
            }
        }
        assertTrue(dark > 100, "the words of the rows are missing: " + dark + " dark pixels");
    }

    private static void sumToOne(List<Layer> layers) {
        for (Layer layer : layers) {
            for (float[][] head : layer.weights()) {
                for (float[] query : head) {
                    double sum = 0;
                    for (float w : query) {
                        sum += w;
                    }
                    assertEquals(1, sum, 1e-4);
                }
            }
        }
    }

    private static int[] row(Checkpoint expected, String name, int n) {
        float[] row = new float[n];
        expected.read(name, 0, n, row, 0);
        int[] ids = new int[n];
        for (int i = 0; i < n; i++) {
            ids[i] = (int) row[i];
        }
        return ids;
    }
}
