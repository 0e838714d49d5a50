package dev.gyre.bench;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One product as the backends compute it, through the interface that models use: rows that are on the device times a
 * weight that is there too, and one element read back so that asynchronous devices have finished. Microseconds per
 * product; GFLOP/s are {@code 2·rows·columns·depth / µs / 1000}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class GemmBenchmark {

    @Param({"cpu", "opencl"})
    public String backend = "cpu";

    /** Rows x columns x depth. */
    @Param({
        "768x512x512",
        "768x2048x512",
        "768x512x2048",
        "1536x1536x1536",
        "1x512x512",
        "1x2048x512",
        "8x2048x512",
        "32x32000x512"
    })
    public String shape = "768x512x512";

    private Device device;
    private Executable executable;
    private Bindings product;
    private Value out;
    private final float[] first = new float[1];

    @Setup
    public void open() {
        int[] sizes =
                Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
        int rows = sizes[0];
        int depth = sizes[2];
        Tensor.State x = new Tensor.State("x", ElementType.FLOAT32, Shape.of(rows, depth));
        Input source = new Input("source", ElementType.FLOAT32, Shape.of(rows, depth));
        Input destination = new Input("destination", ElementType.INT32, Shape.of(Size.of(rows)));
        GraphBuilder upload = new GraphBuilder("upload");
        upload.appendCache(x, source, destination);
        GraphBuilder multiply = new GraphBuilder("multiply");
        out = multiply.output(multiply.linear(x, Weight.matrix("w", sizes[1], depth), null));
        Graph uploadGraph = upload.build();
        Graph multiplyGraph = multiply.build();

        Backend chosen = Backends.named(backend);
        device = chosen.open(0, DeviceOptions.DEFAULTS);
        executable = device.compile(new Program("gemm", List.of(uploadGraph, multiplyGraph)), randomWeights());
        float[] values = new float[rows * depth];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        int[] all = new int[rows];
        Arrays.setAll(all, i -> i);
        executable.run(new Bindings(uploadGraph).input(source, values).input(destination, all));
        product = new Bindings(multiplyGraph);
    }

    private static WeightSource randomWeights() {
        return (weight, firstRow, rows, destination, offset) -> {
            SplittableRandom random = new SplittableRandom(firstRow);
            for (int i = 0; i < rows * weight.shape().columns(); i++) {
                destination[offset + i] = (float) random.nextDouble(-1, 1);
            }
        };
    }

    @Benchmark
    public float product() {
        executable.run(product);
        executable.read(out, first, 1);
        return first[0];
    }

    @TearDown
    public void close() {
        device.close();
    }
}
