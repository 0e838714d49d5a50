package dev.gyre.tornado;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Activation;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size.Symbol;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;

/** A small program: two products, an activation and a norm over rows whose number each run binds. */
final class Products {

    static final int ROWS = 64;

    final Symbol rows = new Symbol("ROWS", ROWS);
    final int k;
    final int n;
    final Input x;
    final Value out;
    final Graph graph;
    final Program program;

    Products(int k, int n) {
        this.k = k;
        this.n = n;
        x = new Input("x", ElementType.FLOAT32, Shape.of(rows, k));
        GraphBuilder g = new GraphBuilder("products");
        Value inner = g.activate(g.linear(x, Weight.matrix("up", n, k), Weight.vector("up.bias", n)), Activation.GELU);
        Value back = g.linear(inner, Weight.matrix("down", k, n), null);
        out = g.output(
                g.norm(g.add(back, x), NormKind.LAYER, Weight.vector("gamma", k), Weight.vector("beta", k), 1e-5f));
        graph = g.build();
        program = new Program("products", java.util.List.of(graph));
    }

    /** Numbers that depend on the seed and the weight's name. */
    static WeightSource weights(int seed) {
        return (weight, firstRow, count, destination, offset) -> {
            int columns = weight.shape().columns();
            for (int r = 0; r < count; r++) {
                SplittableRandom random =
                        new SplittableRandom(weight.name().hashCode() * 31L + seed + 7919L * (firstRow + r));
                for (int c = 0; c < columns; c++) {
                    destination[offset + r * columns + c] = (float) random.nextDouble(-0.5, 0.5);
                }
            }
        };
    }

    float[] input(int count) {
        SplittableRandom random = new SplittableRandom(count);
        float[] values = new float[Math.max(1, count * k)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    float[] run(Executable executable, int count) {
        executable.run(new Bindings(graph).size(rows, count).input(x, input(count)));
        float[] result = new float[count * k];
        executable.read(out, result, result.length);
        return result;
    }

    /** The first device of TornadoVM; skips the test by name where there is none. */
    static Device open(DeviceOptions options) {
        TornadoBackend backend = new TornadoBackend();
        Assumptions.assumeTrue(backend.absence().isEmpty(), "tornado: " + backend.absence());
        return backend.open(0, options);
    }
}
