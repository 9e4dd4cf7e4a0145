export const closablePages: string;
