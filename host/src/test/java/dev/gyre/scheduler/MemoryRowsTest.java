package dev.gyre.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MemoryRowsTest {

    @Test
    void takesTheFirstPlaceThatIsLargeEnough() {
        MemoryRows memory = new MemoryRows(10);
        assertEquals(0, memory.take(3));
        assertEquals(3, memory.take(3));
        assertEquals(6, memory.take(3));
        memory.release(3, 3);
        assertEquals(3, memory.take(2));
        assertEquals(-1, memory.take(2), "one row at 5 and one at 9 are no neighbours");
        assertEquals(5, memory.take(1));
        assertEquals(1, memory.freeRows());
    }

    @Test
    void joinsWhatComesBack() {
        MemoryRows memory = new MemoryRows(9);
        int a = memory.take(3);
        int b = memory.take(3);
        int c = memory.take(3);
        memory.release(a, 3);
        memory.release(c, 3);
        memory.release(b, 3);
        assertEquals(0, memory.take(9));
    }

    @Test
    void neverGivesARowTwice() {
        SplittableRandom random = new SplittableRandom(7);
        MemoryRows memory = new MemoryRows(100);
        BitSet used = new BitSet();
        List<int[]> held = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            int rows = random.nextInt(1, 20);
            int first = memory.take(rows);
            if (first >= 0) {
                assertTrue(first + rows <= 100);
                assertEquals(0, used.get(first, first + rows).cardinality());
                used.set(first, first + rows);
                held.add(new int[] {first, rows});
            }
            if (first < 0 || random.nextInt(3) == 0) {
                int[] back = held.remove(random.nextInt(held.size()));
                memory.release(back[0], back[1]);
                used.clear(back[0], back[0] + back[1]);
            }
            assertEquals(100 - used.cardinality(), memory.freeRows());
        }
    }
}
