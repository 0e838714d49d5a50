package dev.gyre.cpu;

/** One operation of a compiled graph, with the places of its tensors: nothing is looked up while it runs. */
interface Step {

    void run();

    /** What each thread needs for it. */
    default Scratch.Need need() {
        return Scratch.Need.NONE;
    }
}
