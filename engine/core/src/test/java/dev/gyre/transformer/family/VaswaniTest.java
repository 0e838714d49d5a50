package dev.gyre.transformer.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.gyre.graph.Tensor.Weight.Part;
import dev.gyre.transformer.AttentionBlock;
import dev.gyre.weights.Failures;
import dev.gyre.weights.PositionTable;
import dev.gyre.weights.PositionTable.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaswaniTest {

    private static final String CONFIG = """
            {"model_type": "vaswani", "vocab_size": 131, "d_model": 48, "num_heads": 3, "ffn_dim": 100,
             "encoder_layers": 3, "decoder_layers": 2, "layer_norm_eps": 1e-5, "activation": "relu"}
            """;

    @TempDir
    Path folder;

    @Test
    void cutsTheStackedProjections() throws IOException {
        Description description = describe(CONFIG, NamedTensors.of("embedding.weight"));
        AttentionBlock self =
                description.transformer().decoder().layers().get(1).self();
        String stacked = "transformer.decoder.layers.1.self_attn.in_proj_weight";
        assertEquals(
                List.of(new Part(stacked, 0, 48, false)), self.query().weight().parts());
        assertEquals(
                List.of(new Part(stacked, 48, 48, false)), self.key().weight().parts());
        assertEquals(
                List.of(new Part(stacked, 96, 48, false)), self.value().weight().parts());
        assertEquals(96, self.value().bias().parts().getFirst().firstRow());
        assertEquals(
                "transformer.decoder.layers.1.norm3.weight",
                description
                        .transformer()
                        .decoder()
                        .layers()
                        .get(1)
                        .feedForwardNorm()
                        .gamma()
                        .name());
        assertEquals(
                Layout.INTERLEAVED,
                assertInstanceOf(PositionTable.class, description.computed().getFirst())
                        .layout());
        assertNull(description.transformer().encoder().finalNorm());
    }

    @Test
    void takesFinalNormsWhereTorchPutThem() throws IOException {
        Description description =
                describe(CONFIG, NamedTensors.of("embedding.weight", "transformer.encoder.norm.weight"));
        assertNotNull(description.transformer().encoder().finalNorm());
        assertNull(description.transformer().decoder().finalNorm());
    }

    @Test
    void refusesAnEpsilonThatCannotBe() {
        Failures.assertOneLine(
                () -> describe(CONFIG.replace("1e-5", "0"), NamedTensors.of()),
                "config.json",
                "layer_norm_eps is 0; it must be a number between 0 and 1");
    }

    @Test
    void listsTheFamiliesThatAreKnown() {
        Failures.assertOneLine(
                () -> describe(CONFIG.replace("vaswani", "reformer"), NamedTensors.of()),
                "config.json",
                "model_type \"reformer\" is not a known family; known are marian, vaswani");
        Failures.assertOneLine(() -> describe("{}", NamedTensors.of()), "config.json", "no field model_type");
        Failures.assertOneLine(
                () -> describe("{\"model_type\": 3}", NamedTensors.of()), "config.json", "model_type is 3");
    }

    private Description describe(String json, NamedTensors tensors) throws IOException {
        Config config = Config.read(Files.writeString(folder.resolve("config.json"), json));
        return Families.of(config).describe(config, tensors);
    }
}
