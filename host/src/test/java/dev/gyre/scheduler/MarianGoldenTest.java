package dev.gyre.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.cpu.ReferenceBackend;
import dev.gyre.decoding.ForeignOptions;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MarianGoldenTest {

    @Test
    @SuppressWarnings("unchecked")
    void marian() throws Exception {
        Path dir = Path.of(System.getProperty("case", "../../shared/goldens/cases/marian"));
        ObjectMapper json = new ObjectMapper();
        GoldenModel model = new GoldenModel(dir);
        GenerationOptions defaults = ForeignOptions.read(
                        json.readValue(dir.resolve("generation_config.json").toFile(), Map.class))
                .options();
        Safetensors expected = new Safetensors(dir.resolve("expected.safetensors"));
        float[] ids = expected.values.get("input_ids");
        float[] mask = expected.values.get("attention_mask");
        int b = expected.shapes.get("input_ids")[0];
        int s = expected.shapes.get("input_ids")[1];
        try (Seq2Seq seq2seq = new Seq2Seq(
                new ReferenceBackend().open(0, DeviceOptions.DEFAULTS),
                model.transformer,
                model.weights,
                defaults,
                CapacityPlan.DEFAULTS.withBatchTokens(Integer.getInteger("batch", 64)),
                OverlongSource.REJECT)) {
            seq2seq.listen(new StepListener() {
                @Override
                public void decoded(Step step) {
                    if (Boolean.getBoolean("steps")) {
                        System.out.println(step);
                    }
                }
            });
            List<List<Hypothesis>> all = new ArrayList<>();
            List<Seq2SeqRequest> requests = new ArrayList<>();
            JsonNode generate =
                    json.readTree(dir.resolve("expected.json").toFile()).get("generate");
            for (JsonNode g : generate) {
                GenerationOptions o = GenerationOptions.of(json.convertValue(g.get("options"), Map.class));
                for (int i = 0; i < b; i++) {
                    int n = 0;
                    while (n < s && mask[i * s + n] == 1) {
                        n++;
                    }
                    int[] source = new int[n];
                    for (int j = 0; j < n; j++) {
                        source[j] = (int) ids[i * s + j];
                    }
                    requests.add(new Seq2SeqRequest(source, o, i));
                }
            }
            all = seq2seq.generate(requests);
            int r = 0;
            for (JsonNode g : generate) {
                int at = 0;
                System.out.println(g.get("options"));
                for (int i = 0; i < b; i++) {
                    for (Hypothesis h : all.get(r)) {
                        int[] want = json.convertValue(g.get("sequences").get(at), int[].class);
                        assertArrayEquals(want, h.sequence(), g.get("options") + " sequence " + at);
                        if (!g.get("scores").isNull()) {
                            assertEquals(g.get("scores").get(at).asDouble(), h.score(), 1e-4);
                        }
                        at++;
                    }
                    r++;
                }
                assertEquals(g.get("sequences").size(), at);
            }
        }
    }
}
