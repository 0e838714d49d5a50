package dev.gyre.transformer.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.gyre.graph.Activation;
import dev.gyre.graph.NormKind;
import dev.gyre.transformer.Layer;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.transformer.Transformer;
import dev.gyre.weights.CTranslate2Checkpoint;
import dev.gyre.weights.Failures;
import dev.gyre.weights.ModelBin;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CTranslate2Test {

    @TempDir
    Path folder;

    @Test
    void fillsInWhatOldFilesLeaveOut() {
        Description description = describe("TransformerBase", 2, f -> f);
        Transformer model = description.transformer();
        Layer layer = model.decoder().layers().getFirst();
        assertEquals(8, layer.self().heads());
        assertEquals(NormPlacement.PRE, layer.placement());
        assertEquals(Activation.RELU, layer.feedForward().activation());
        assertEquals((float) Math.sqrt(32), model.encoder().embedding().scale());
        assertEquals(1024, model.maxSource());
        assertEquals(1, description.computed().size());
        assertNotNull(model.decoder().finalNorm());
        assertEquals(
                16,
                describe("TransformerBig", 2, f -> f)
                        .transformer()
                        .encoder()
                        .layers()
                        .getFirst()
                        .self()
                        .heads());
    }

    @Test
    void readsScalarsOfNewFiles() {
        Description description = describe(
                "TransformerSpec",
                7,
                f -> f.code("encoder/num_heads", 4)
                        .code("decoder/num_heads", 2)
                        .code("encoder/pre_norm", 0)
                        .code("decoder/pre_norm", 0)
                        .code("encoder/activation", 2)
                        .code("decoder/activation", 3)
                        .code("encoder/scale_embeddings", 0)
                        .number("decoder/scale_embeddings", 2.5f)
                        .number("decoder/layer_0/attention/queries_scale", 1)
                        .tensor("encoder/position_encodings/encodings", 20, 32)
                        .alias("decoder/position_encodings/encodings", "encoder/position_encodings/encodings")
                        .without("decoder/projection/weight")
                        .alias("decoder/projection/weight", "decoder/embeddings/weight"));
        Transformer model = description.transformer();
        Layer source = model.encoder().layers().getFirst();
        Layer target = model.decoder().layers().getFirst();
        assertEquals(4, source.self().heads());
        assertEquals(2, target.cross().heads());
        assertEquals(1, target.cross().scale());
        assertEquals((float) (1 / Math.sqrt(16)), target.self().scale());
        assertEquals(NormPlacement.POST, target.placement());
        assertEquals(Activation.SWISH, source.feedForward().activation());
        assertEquals(Activation.GELU, target.feedForward().activation());
        assertEquals(1, model.encoder().embedding().scale());
        assertEquals(2.5f, model.decoder().embedding().scale());
        assertEquals(20, model.maxTarget());
        assertEquals(0, description.computed().size());
        assertEquals(
                model.decoder().embedding().table(),
                model.output().weight(),
                "an alias is the same weight on a device");
    }

    @Test
    void knowsRmsNormsAndGates() {
        Transformer model = describe(
                        "TransformerSpec",
                        7,
                        f -> f.without("encoder/layer_0/ffn/layer_norm/beta")
                                .tensor("encoder/layer_0/ffn/linear_0_noact/weight", 64, 32)
                                .without("decoder/layer_norm/gamma")
                                .without("decoder/layer_norm/beta"))
                .transformer();
        Layer source = model.encoder().layers().getFirst();
        assertEquals(NormKind.RMS, source.feedForwardNorm().kind());
        assertEquals(1e-6f, source.feedForwardNorm().epsilon());
        assertEquals(1e-5f, source.selfNorm().epsilon());
        assertEquals(
                "encoder/layer_0/ffn/linear_0/weight",
                source.feedForward().gate().weight().name());
        assertNull(model.decoder().finalNorm());
    }

    @ParameterizedTest
    @CsvSource({
        "encoder/layer_0/self_attention/relative_position_keys",
        "encoder/layer_0/self_attention/rotary_dim",
        "encoder/embeddings_1/weight",
        "decoder/project_in/weight",
        "decoder/layer_0/shared_layer_norm/gamma",
        "decoder/scale_outputs",
    })
    void refusesFeaturesItDoesNotKnow(String variable) {
        Failures.assertOneLine(
                () -> describe("TransformerSpec", 7, f -> f.tensor(variable, 3, 4)),
                "model.bin",
                "1 variables of a feature that is not supported",
                variable);
    }

    @Test
    void flagsOfUnknownFeaturesMayBeOff() {
        describe("TransformerSpec", 7, f -> f.code("decoder/alibi", 0).code("decoder/scale_alibi", 1));
        Failures.assertOneLine(
                () -> describe("TransformerSpec", 7, f -> f.code("decoder/alibi", 1)), "model.bin", "decoder/alibi");
    }

    @Test
    void refusesWhatDoesNotFitTogether() {
        assertRefused(f -> f.code("encoder/num_heads", 5), "encoder has 5 heads", "width 32");
        assertRefused(f -> f.code("encoder/num_heads", 0), "encoder has 0 heads");
        assertRefused(f -> f.code("decoder/activation", 6), "activation of decoder is 6", "0 (ReLU)");
        assertRefused(f -> f.tensor("encoder/num_heads", 2), "encoder/num_heads is [2], not a scalar");
        assertRefused(f -> f.tensor("decoder/embeddings/weight", 9, 64), "decoder/layer_0");
        assertRefused(
                f -> f.tensor("encoder/layer_0/self_attention/linear_0/weight", 95, 32),
                "linear_0/weight is [95, 32], not [96, 32]");
        assertRefused(
                f -> f.tensor("encoder/layer_0/ffn/linear_1/weight", 32, 65),
                "linear_1/weight is [32, 65], not [..., 64]");
        assertRefused(f -> f.tensor("decoder/layer_norm/gamma", 31), "decoder/layer_norm/gamma is [31], not [32]");
        assertRefused(
                f -> f.linear("decoder/projection", 10, 32), "decoder/projection gives 10 logits", "has 9 tokens");
        assertRefused(
                f -> f.without("decoder/layer_0/attention/linear_1/weight"),
                "no variable decoder/layer_0/attention/linear_1/weight");
        assertRefused(f -> f.tensor("encoder/position_encodings/encodings", 20, 31), "[20, 31], not [..., 32]");
        Failures.assertOneLine(() -> describe("WhisperSpec", 3, f -> f), "model.bin", "WhisperSpec; known are");
        Failures.assertOneLine(() -> describe("TransformerSpec", 8, f -> f), "model.bin", "revision 8", "1 to 7");
    }

    private void assertRefused(UnaryOperator<ModelBin> change, String... parts) {
        Failures.assertOneLine(() -> describe("TransformerSpec", 7, change), "model.bin", parts);
    }

    private Description describe(String specification, int revision, UnaryOperator<ModelBin> change) {
        ModelBin file = change.apply(ModelBin.transformer(specification, revision, 32, 64, 9));
        try (CTranslate2Checkpoint checkpoint = CTranslate2Checkpoint.open(file.write(folder.resolve("model.bin")))) {
            return new CTranslate2().describe(Config.empty("model.bin"), checkpoint);
        }
    }
}
