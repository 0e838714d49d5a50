package dev.gyre.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Weight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Test-local reader of small float32 and int64 files. */
final class Safetensors implements WeightSource {
    final Map<String, float[]> values = new HashMap<>();
    final Map<String, int[]> shapes = new HashMap<>();

    Safetensors(Path file) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int header = (int) b.getLong();
        byte[] json = new byte[header];
        b.get(json);
        JsonNode root = new ObjectMapper().readTree(json);
        root.properties().forEach(e -> {
            if (e.getKey().equals("__metadata__")) {
                return;
            }
            JsonNode t = e.getValue();
            int[] shape = new int[t.get("shape").size()];
            int n = 1;
            for (int i = 0; i < shape.length; i++) {
                n *= shape[i] = t.get("shape").get(i).asInt();
            }
            int at = 8 + header + t.get("data_offsets").get(0).asInt();
            float[] v = new float[n];
            for (int i = 0; i < n; i++) {
                v[i] = t.get("dtype").asText().equals("I64") ? b.getLong(at + 8 * i) : b.getFloat(at + 4 * i);
            }
            values.put(e.getKey(), v);
            shapes.put(e.getKey(), shape);
        });
    }

    @Override
    public void read(Weight weight, int firstRow, int rows, float[] destination, int offset) {
        int columns = weight.shape().columns();
        int row = 0;
        for (Weight.Part p : weight.parts()) {
            for (int r = 0; r < p.rows(); r++, row++) {
                if (row >= firstRow && row < firstRow + rows) {
                    System.arraycopy(
                            values.get(p.tensor()),
                            (p.firstRow() + r) * columns,
                            destination,
                            offset + (row - firstRow) * columns,
                            columns);
                }
            }
        }
    }
}
