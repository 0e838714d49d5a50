package dev.gyre.scheduler;

/**
 * Which slots are free, and which of the two lines of ancestry of a slot is the one in use: {@code 2·slot} or {@code
 * 2·slot + 1}.
 */
final class Slots {

    private final int[] free;
    private final int[] line;
    private int freeSlots;

    Slots(int slots) {
        free = new int[slots];
        line = new int[slots];
        for (int i = 0; i < slots; i++) {
            free[i] = slots - 1 - i;
            line[i] = 2 * i;
        }
        freeSlots = slots;
    }

    int freeSlots() {
        return freeSlots;
    }

    /** Takes as many slots as the array has room for. */
    void take(int[] slots) {
        for (int i = 0; i < slots.length; i++) {
            slots[i] = free[--freeSlots];
        }
    }

    void release(int[] slots) {
        for (int slot : slots) {
            free[freeSlots++] = slot;
        }
    }

    /** The line in use. */
    int line(int slot) {
        return line[slot];
    }

    /** The other line becomes the one in use. */
    int otherLine(int slot) {
        return line[slot] ^= 1;
    }
}
