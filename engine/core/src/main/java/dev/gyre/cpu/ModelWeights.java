package dev.gyre.cpu;

import dev.gyre.backend.DeviceException;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Weight;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The constants of a program: packed where a product reads them, else as they are. */
final class ModelWeights {

    private final Map<Weight, PackedWeight> packed = new HashMap<>();
    private final Map<Weight, float[]> plain = new HashMap<>();

    /** Bytes that the weights of a program will take. */
    static long bytes(Program program, int panelWidth) {
        Set<Weight> products = products(program);
        long bytes = 0;
        for (Weight weight : program.weights()) {
            long size = products.contains(weight)
                    ? PackedWeight.bytes(weight, panelWidth)
                    : weight.shape().limit() * Float.BYTES;
            if (size / Float.BYTES > Integer.MAX_VALUE - 64) {
                throw new DeviceException("weight " + weight.name() + " " + weight.shape()
                        + " has more elements than a Java array; the cpu backend cannot hold it");
            }
            bytes += size;
        }
        return bytes;
    }

    ModelWeights(Program program, WeightSource source, int panelWidth) {
        Set<Weight> products = products(program);
        for (Weight weight : program.weights()) {
            if (products.contains(weight)) {
                packed.put(weight, PackedWeight.read(weight, source, panelWidth));
            } else {
                plain.put(weight, source.read(weight));
            }
        }
    }

    /** Those that a product reads. */
    static Set<Weight> products(Program program) {
        Set<Weight> products = new HashSet<>();
        for (Graph graph : program.graphs()) {
            for (Operation operation : graph.operations()) {
                if (operation instanceof Operation.Linear linear) {
                    products.add(linear.weight());
                }
            }
        }
        return products;
    }

    PackedWeight packed(Weight weight) {
        return Objects.requireNonNull(packed.get(weight), weight.name());
    }

    /** A vector or table as it is; one that a product uses too is unpacked, so this is for small ones. */
    float[] plain(Weight weight) {
        float[] values = plain.get(weight);
        if (values == null) {
            int columns = weight.shape().columns();
            RowTable table = table(weight);
            values = new float[Math.toIntExact(weight.shape().limit())];
            for (int row = 0; row < weight.shape().rows().limit(); row++) {
                table.addRow(row, 1, values, row * columns);
            }
        }
        return values;
    }

    float @Nullable [] plainOrNull(@Nullable Weight weight) {
        return weight == null ? null : plain(weight);
    }

    /** A table whose rows are looked up. */
    RowTable table(Weight weight) {
        PackedWeight panels = packed.get(weight);
        return panels == null
                ? new RowTable.Plain(plain(weight), weight.shape().columns())
                : new RowTable.Panels(panels);
    }
}
