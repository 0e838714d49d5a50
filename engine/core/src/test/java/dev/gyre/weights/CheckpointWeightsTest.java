package dev.gyre.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Weight;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWeightsTest {

    @TempDir
    Path folder;

    @Test
    void putsPartsUnderOneAnother() {
        try (Checkpoint checkpoint = checkpoint(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[24,40]}}",
                1,
                2,
                3,
                4,
                5,
                6,
                7,
                8,
                9,
                10)) {
            Weight weight = Weight.stack(List.of(Weight.rows("a", 1, 2, 2), Weight.transposed("b", 2, 2)));
            CheckpointWeights weights = new CheckpointWeights(program(weight), checkpoint);
            assertArrayEquals(new float[] {3, 4, 5, 6, 7, 9, 8, 10}, weights.read(weight));
            float[] middle = new float[5];
            weights.read(weight, 1, 2, middle, 1);
            assertArrayEquals(new float[] {0, 5, 6, 7, 9}, middle);
        }
    }

    @Test
    void takesARowForAVector() {
        try (Checkpoint checkpoint = checkpoint(
                "{\"bias\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[0,12]},"
                        + "\"none\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[12,36]}}",
                1,
                2,
                3,
                0,
                0,
                0,
                0,
                0,
                0)) {
            Weight bias = Weight.vector("bias", 3);
            assertArrayEquals(new float[] {1, 2, 3}, new CheckpointWeights(biased(bias), checkpoint).read(bias));
        }
    }

    @Test
    void namesFiveOfTheMissingTensorsAndCountsTheRest() {
        try (Checkpoint checkpoint =
                checkpoint("{\"extra\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 1)) {
            Weight[] wanted = new Weight[7];
            for (int i = 0; i < wanted.length; i++) {
                wanted[i] = Weight.matrix("w" + i, 2, 2);
            }
            Failures.assertOneLine(
                    () -> new CheckpointWeights(program(Weight.stack(List.of(wanted))), checkpoint),
                    "model.safetensors",
                    "lacks 7 of the 7 tensors",
                    "w0, w1, w2, w3, w4 and 2 more");
        }
    }

    @Test
    void namesShapesThatAreFoundAndExpected() {
        try (Checkpoint checkpoint = checkpoint(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[24,40]},"
                        + "\"none\":{\"dtype\":\"F32\",\"shape\":[6,2],\"data_offsets\":[40,88]}}",
                new float[22])) {
            Failures.assertOneLine(
                    () -> new CheckpointWeights(program(Weight.matrix("a", 2, 2)), checkpoint),
                    "model.safetensors",
                    "a is [3, 2], not [2, 2]");
            Failures.assertOneLine(
                    () -> new CheckpointWeights(program(Weight.transposed("a", 3, 2)), checkpoint),
                    "a is [3, 2], not [2, 3]");
            Failures.assertOneLine(
                    () -> new CheckpointWeights(program(Weight.matrix("b", 2, 2)), checkpoint), "b is [4], not [2, 2]");
            Failures.assertOneLine(
                    () -> new CheckpointWeights(biased(Weight.vector("a", 6)), checkpoint), "a is [3, 2], not [6]");
        }
    }

    @Test
    void listsWhatTheProgramDoesNotUse() {
        try (Checkpoint checkpoint = checkpoint(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
                        + "\"extra\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]}}",
                1,
                2,
                3,
                4,
                5)) {
            assertEquals(
                    List.of("extra"), new CheckpointWeights(program(Weight.matrix("a", 2, 2)), checkpoint).unused());
        }
    }

    private static Program program(Weight weight) {
        return of(weight, null);
    }

    /** A program with this bias under the matrix "none", which a checkpoint has to have too. */
    private static Program biased(Weight bias) {
        return of(Weight.matrix("none", bias.shape().rows().limit(), 2), bias);
    }

    private static Program of(Weight weight, @Nullable Weight bias) {
        Input x = new Input(
                "x",
                ElementType.FLOAT32,
                Shape.of(new Size.Symbol("ROWS", 1), weight.shape().columns()));
        GraphBuilder builder = new GraphBuilder("g");
        builder.output(builder.linear(x, weight, bias));
        Graph graph = builder.build();
        return new Program("test", List.of(graph));
    }

    private Checkpoint checkpoint(String header, float... values) {
        return Safetensors.open(Bytes.write(
                folder.resolve("model.safetensors"),
                Bytes.safetensors(header, new Bytes().floats(values).array())));
    }
}
