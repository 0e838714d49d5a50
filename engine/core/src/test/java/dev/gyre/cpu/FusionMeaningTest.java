package dev.gyre.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.graph.Activation;
import dev.gyre.graph.Fusion;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FusionMeaningTest {

    @ParameterizedTest
    @CsvSource({"2, 4, false, RELU", "3, 8, false, GELU", "2, 16, true, SWISH", "1, 6, true, GELU_TANH"})
    void fusedGraphsComputeTheSameBits(int heads, int headSize, boolean preNorm, Activation activation) {
        SmallModels model = new SmallModels(heads, headSize, preNorm, activation);
        assertTrue(
                Fusion.apply(model.encoder()).operations().size()
                        < model.encoder().operations().size(),
                "nothing was fused, so nothing is tested");
        List<float[]> plain = outputs(model, UnaryOperator.identity());
        List<float[]> fused = outputs(model, Fusion::apply);
        for (int i = 0; i < plain.size(); i++) {
            assertArrayEquals(plain.get(i), fused.get(i), 0f);
        }
    }

    private static List<float[]> outputs(SmallModels model, UnaryOperator<Graph> fusion) {
        Graph encoder = fusion.apply(model.encoder());
        Graph decoder = fusion.apply(model.decoder());
        List<float[]> outputs = new ArrayList<>();
        try (Device device = new ReferenceBackend().open(0, DeviceOptions.DEFAULTS);
                Executable executable =
                        device.compile(new Program("small", List.of(encoder, decoder)), new RandomWeights(1))) {
            Bindings batch = SmallModels.encoderBatch(encoder, new int[] {1, 2, 3}, 5, 1, 9);
            executable.run(batch);
            addOutputs(executable, batch, outputs);
            for (int position = 0; position < 3; position++) {
                Bindings step = SmallModels.decoderStep(decoder, position, 0, 1, 5);
                executable.run(step);
                addOutputs(executable, step, outputs);
            }
        }
        return outputs;
    }

    private static void addOutputs(Executable executable, Bindings bindings, List<float[]> outputs) {
        for (Value output : bindings.graph().outputs()) {
            outputs.add(Runs.read(executable, bindings, output));
        }
    }
}
