package dev.gyre.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels run as ordinary Java, work-item by work-item: what is wrong here is the kernel, not its compilation. */
class PlainJavaTest {

    private static final int ROWS = 6;
    private static final int N = 70;
    private static final int K = 9;

    @ParameterizedTest
    @ValueSource(ints = {PackedWeight.NARROW, PackedWeight.PANEL})
    void theRegisterTileComputesTheProductThroughPackedPanels(int width) throws ReflectiveOperationException {
        IntArray run = new IntArray(1);
        run.set(0, ROWS);
        FloatArray x = numbers(ROWS * K, 3);
        FloatArray rows = numbers(N * K, 5);
        FloatArray weight = new FloatArray(PackedWeight.panels(N) * PackedWeight.PANEL * K);
        for (int r = 0; r < N; r++) {
            for (int c = 0; c < K; c++) {
                weight.set(PackedWeight.place(r, c, K, width), rows.get(r * K + c));
            }
        }
        FloatArray bias = numbers(N, 7);
        FloatArray residual = numbers(ROWS * N, 11);
        FloatArray out = new FloatArray(ROWS * N);
        int extras = LinearKernels.BIAS | LinearKernels.RESIDUAL;
        for (int panel = 0; panel < PackedWeight.panels(N); panel++) {
            for (int lane = 0; lane < LinearKernels.LANES; lane++) {
                for (int block = 0; block < Math.ceilDiv(ROWS, LinearKernels.TILE); block++) {
                    KernelContext item = new KernelContext();
                    set(item, "groupIdx", panel);
                    set(item, "localIdx", lane);
                    set(item, "globalIdy", block);
                    LinearKernels.linear(item, run, 0, N, K, x, 0, weight, width, bias, residual, 0, extras, 1, out, 0);
                }
            }
        }
        for (int r = 0; r < ROWS; r++) {
            for (int c = 0; c < N; c++) {
                double sum = 0;
                for (int i = 0; i < K; i++) {
                    sum += (double) x.get(r * K + i) * rows.get(c * K + i);
                }
                double expected = Math.max(0, sum + bias.get(c)) + residual.get(r * N + c);
                assertEquals(expected, out.get(r * N + c), 1e-5, "row " + r + ", column " + c);
            }
        }
    }

    @Test
    void cachesTakeTheColumnsOfTheirRows() throws ReflectiveOperationException {
        IntArray run = new IntArray(3);
        run.set(0, 2);
        run.set(1, 4);
        run.set(2, 1);
        FloatArray source = numbers(2 * 5, 3);
        FloatArray cache = new FloatArray(6 * 3);
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column < 8; column++) {
                KernelContext item = new KernelContext();
                set(item, "globalIdx", column);
                set(item, "globalIdy", row);
                RowKernels.append(item, run, 0, 3, source, 1, 5, run, 1, cache, 3);
            }
        }
        for (int c = 0; c < 3; c++) {
            assertEquals(source.get(1 + c), cache.get(4 * 3 + c));
            assertEquals(source.get(5 + 1 + c), cache.get(3 + c));
            assertEquals(0f, cache.get(c));
        }
    }

    private static FloatArray numbers(int count, int step) {
        FloatArray array = new FloatArray(count);
        for (int i = 0; i < count; i++) {
            array.set(i, (i * step % 17 - 8) / 8f);
        }
        return array;
    }

    private static void set(KernelContext item, String name, int value) throws ReflectiveOperationException {
        Field field = KernelContext.class.getField(name);
        field.setAccessible(true);
        field.set(item, value);
    }
}
