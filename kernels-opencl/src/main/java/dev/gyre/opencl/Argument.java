package dev.gyre.opencl;

import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_mem;

/** A value of a kernel's parameter. */
sealed interface Argument {

    long size();

    Pointer pointer();

    record Memory(cl_mem buffer) implements Argument {
        @Override
        public long size() {
            return Sizeof.cl_mem;
        }

        @Override
        public Pointer pointer() {
            return Pointer.to(buffer);
        }
    }

    record Number(int value) implements Argument {
        @Override
        public long size() {
            return Sizeof.cl_int;
        }

        @Override
        public Pointer pointer() {
            return Pointer.to(new int[] {value});
        }
    }

    record Real(float value) implements Argument {
        @Override
        public long size() {
            return Sizeof.cl_float;
        }

        @Override
        public Pointer pointer() {
            return Pointer.to(new float[] {value});
        }
    }
}
